vacuum analyze messages
