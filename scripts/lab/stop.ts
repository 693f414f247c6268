/** What ends a command before its time: Ctrl-C, SIGTERM, a terminal that closed, or the death of whoever started it. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort(signal))
  // The entry holds the other end of this channel; when it is killed, nobody is left to send a signal.
  process.on('disconnect', () => stop.abort('disconnect'))
  process.channel?.unref()
  return stop.signal
}
