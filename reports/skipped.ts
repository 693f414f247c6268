/** A scenario that did not run, and why. */
export interface Skipped {
  scenario: string
  code: 'MODEL_SERVER' | 'NATIVE_RUNTIME' | 'BROKER_RESTART' | 'CONSUMER_TIMEOUT' | 'USERS_WORKER'
}

const WHY: Record<Skipped['code'], string> = {
  MODEL_SERVER: 'it needs --ollama URL',
  NATIVE_RUNTIME: 'it needs --runtime native',
  BROKER_RESTART: 'it restarts the broker, which is yours',
  CONSUMER_TIMEOUT: 'it sets the consumer timeout of the broker, which is yours',
  USERS_WORKER: "it puts a worker of yours to the lab's own broker",
}

export const skippedText = ({ scenario, code }: Skipped) => `${scenario}: skipped, ${code}: ${WHY[code]}`
