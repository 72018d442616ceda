"""The edge that serves: the Flask app, the control API, the server, and what obeys a reply."""
