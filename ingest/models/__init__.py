"""Translation packages: install, verify, list, load. A package is an Argos package (``*.argosmodel``).

In reading order; each file imports only what stands above it:

    package      what an installed package says of itself
    archive      *.argosmodel -> files in a folder, refusing what is damaged or hostile
    engine       a package in memory: sentences to renderings
    folder  I/O  the folder of packages: install, list, verify, remove
    index   I/O  what a public index or a mirror offers

Nothing here reaches the network. What has to be downloaded comes through a ``download`` that the caller passes in.
argostranslate reads a package's metadata and tokenizer; it is never asked to install, to split or to translate, since
it installs without checks and may download sentence models in the middle of a translation.
"""
