"""The conformance scenarios, by domain. Each acts and waits; the checks judge what was observed."""
