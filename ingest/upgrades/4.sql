-- From format 3 to 4: a document's links to other sites. Documents made before have none until their page changes.
ALTER TABLE documents ADD COLUMN anchors TEXT NOT NULL DEFAULT '[]';
