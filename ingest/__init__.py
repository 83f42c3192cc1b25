"""ingest: from the open web to clean, dated, segmented, translated documents.

In reading order, which is also import order (a file imports only what stands above it; I/O marks the edges):

    ids          stable content hashes
    errors       the one error tree
    records      Outlet Source Person Run Drop Capture Document Segment Translation
    fold         text -> the form it is matched by (scripts, look-alike letters, accents)
    jsonl    I/O records <-> lines; "-" is stdin/stdout
    seeds    I/O TOML -> Outlet, Source, Person
    urls         one page, one URL: canonical form, twins, a page's own name
    discover     feed or sitemap bytes -> URLs
    robots       robots.txt + clock -> may I, and when
    address      is this address public?
    body         what an HTTP message says of its body; unpacked in bounded pieces
    crawl        which URL next, and when: robots.txt, pauses, redirects, retries
    fetch    I/O URL -> Capture | Drop; the only file that imports httpx
    download I/O a large file to disk, going on where it was broken off
    warc     I/O Capture <-> WARC
    files    I/O local files and folders -> Captures
    labels   I/O boilerplate/*.toml -> what sites call their parts; lines compared with it
    strip        named boilerplate strippers, text -> text + what was removed
    charset      bytes -> text: BOM, header, meta, then detection
    dates        what a page says of its time -> UTC
    page/        HTML -> paragraphs, title, byline, dates (trafilatura underneath)
    clean        Capture -> Document | Drop
    language     text -> language, with evidence
    segment      Document -> Segments (sentence offsets)
    dedupe       Documents -> Documents, copies marked
    models/  I/O translation packages: install, verify, list, load
    guards       why a rendering must not be believed
    translate    Segments -> Translations, through an Engine protocol
    store    I/O SQLite; schema.sql beside it
    demo     I/O a folder of pages -> a small web on a loopback port
    memory       what stages remember over runs, in the store: hosts, fingerprints, translations
    backlog      the sentences of a corpus that wait for translation, most wanted first
    sources      the declared sources over a corpus: what they list, which fail, when they are asked again
    run          the stages in order
    cli          the commands that need nothing of align
"""
