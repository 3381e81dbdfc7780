"""The OpenAPI document, made of what `rest.operations` declares, and the page that shows it."""
