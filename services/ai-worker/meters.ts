import type { Counter, Histogram, Registry } from 'prom-client'
import { counter, histogram } from '../kit/metrics.ts'

/** What a worker counts of its tasks. */
export interface Meters {
  outcomes: Counter<'outcome'>
  seconds: Histogram
  tokens: Counter
  late: Counter
}

export function meters(registry: Registry): Meters {
  const lengths = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300]
  return {
    outcomes: counter(registry, 'bot_tasks_total', 'Deliveries by how they ended', ['outcome']),
    seconds: histogram(registry, 'bot_inference_seconds', 'Length of inferences', lengths),
    tokens: counter(registry, 'bot_tokens_total', 'Tokens generated in answers'),
    late: counter(registry, 'bot_late_settles_total', 'Tasks that could not be settled, since their channel was gone'),
  }
}
