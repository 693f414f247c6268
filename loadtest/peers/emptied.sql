truncate messages, tasks
