"""The control API below ``/__admin``: who may use it (guard), what each route does (actions), Flask (routes)."""
