import { CONSUMER_TIMEOUT_MS } from '#contracts/limits'
import { heldLonger, type Schedule } from '#predictor'
import { duration } from '../predict/text.ts'
import { counted } from '../words.ts'

/** Where GPUs are not sped up, RabbitMQ would take these tasks back. */
export function heldNotes(schedule: Schedule, timeScale: number): string[] {
  return heldLonger(schedule, CONSUMER_TIMEOUT_MS / timeScale).map(
    ({ worker, tasks }) =>
      `${worker} held ${counted(tasks, 'task')} for longer than ${duration(CONSUMER_TIMEOUT_MS)} of GPU time: RabbitMQ's consumer timeout. At time scale 1 the broker takes them back: npm run scenario -- hoarded-too-long`,
  )
}
