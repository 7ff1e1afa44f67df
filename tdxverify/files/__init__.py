"""The one way in and the one way out for files: only ordinary files are read, and none is half written."""
