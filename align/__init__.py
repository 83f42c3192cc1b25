"""align: who said what, and how one utterance travels through outlets and languages.

In reading order, which is also import order (everything here may also import ingest; I/O marks the edges):

    records      Mention Citation Link Utterance Lineage
    lexicon  I/O lexica/<language>.toml -> quotation marks, reporting verbs, roles, titles
    names        names of people: romanised, matched over scripts, cases and spellings
    extract/     Document -> Mentions
    speaker/     Mention -> Mention, person resolved
    cite/        Document -> Citations: from whom the page says it took the words
    occasion/    Mentions of one document -> when and where each was spoken, as the page says it
    encode       texts -> vectors, through an Encoder protocol
    neighbours   vectors -> candidate pairs, the days around a mention taken away
    compare/     pair -> evidence (words, numbers, names, negation, conditions, modality, sources), and what it says
    repeat       Mentions of one document -> Links: what a page says over again counts once
    likeness     pair of mentions -> log odds that they report one utterance
    grouping     pairs -> groups that no single pair carries
    link         Mentions -> Links, typed, from the fullest version of each group
    cluster      Links -> Utterances, stable ids
    attested     Mention -> its translations, those that a person wrote before the machine's
    lineage/     Utterance -> Lineage (earliest interval, who has it from whom, independent sources, open questions)
    store    I/O the tables of align, in the same SQLite file
    changes  I/O what became of utterances when more was known, and why
    neighbourhood I/O what linking remembers in the corpus, and asks of it
    judge    I/O a person's verdict on two mentions
    relink   I/O a corpus that grew -> linked anew around what is new
    run          the stages in order
    trace        a question -> utterances with their lineages, documents with the words
    export/      records -> bytes; exporters are strangers to each other
    verify       does the corpus still say what the captured bytes say?
    report       what a person reads at the end of a run and in answer to a question
    lines        stages alone, over lines of JSON
    cli          everything; the console script
"""
