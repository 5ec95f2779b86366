// One import for an app: the objects and values, and what Swift adds to them.
@_exported import AyumiGenerated
