/** Ends a command: Ctrl-C, SIGTERM, a closed terminal, or its starter's death. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort(signal))
  // The entry holds the channel's other end: a killed one sends no signal.
  process.on('disconnect', () => stop.abort('disconnect'))
  process.channel?.unref()
  return stop.signal
}
