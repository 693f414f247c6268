import { GPU_PROFILES } from '#contracts/gpu-profiles'
import { shellWord } from '#evidence/typed'
import { predictCommand } from '../predict/document.ts'
import { oneForAll } from './address.ts'
import { ARRIVALS_FILE, describedOf, modelName } from './question.ts'
import type { Orders, State } from './state.ts'

/** The same question as commands of the lab. Pure. */

export interface Commands {
  predict: string
  advise: string
  labUp: string
}

export function commandsOf(state: State, side: 0 | 1): Commands {
  const args = describedOf(state, side)
  return {
    predict: predictCommand(args, `--prefetch ${args.prefetchTasks.join(',')}`),
    advise: adviseCommand(state, side),
    labUp: labUpCommand(state, side),
  }
}

function adviseCommand(state: State, side: 0 | 1): string {
  const { arrivals, perSecond, tasks, promptTokens, answerTokens, model, gapMs, sloMs, seed } = state
  const { slots, orders } = state.sides[side]
  const several = slots === 1 ? '' : `:slots=${slots}`
  const workers = state.gpus.map(gpu => `${typeof gpu === 'number' ? `${gpu}ms` : gpu}${several}`).join(',')
  const coming =
    arrivals === 'steady' ? `${perSecond}/s` : arrivals === 'busy' || arrivals === 'gap' ? `trace:${ARRIVALS_FILE}` : `burst:${tasks}`
  const sizes = `--prompt-tokens ${promptTokens} --answer-tokens ${answerTokens} --sizes ${state.sizes} --model ${modelName(model)}`
  const today = oneForAll(orders.map(({ prefetch }) => prefetch)).join(',')
  return `npm run advise -- --workers ${workers} --arrivals ${coming} ${sizes} --gap-ms ${gapMs} --slo ${sloMs}ms --prefetch ${today} --seed ${seed}`
}

const SETTINGS = { workerPrefetchTasks: 'prefetch', workerPriority: 'priority', workerBacklogMin: 'backlogMin' } as const satisfies Record<
  string,
  keyof Orders
>

/** The lab with these GPUs and workers; a GPU of milliseconds is a profile of its own. */
function labUpCommand(state: State, side: 0 | 1): string {
  const { slots, orders } = state.sides[side]
  const several = slots === 1 ? '' : `:${slots}`
  const gpus = state.gpus.map(gpu => (typeof gpu === 'number' ? 'synthetic-fast' : `${gpu}${several}`)).join(',')
  const own = state.gpus.flatMap((gpu, i) =>
    typeof gpu === 'number' ? [`--gpu ${shellWord(`gpu-${i + 1}=${fixedProfile(gpu, slots)}`)}`] : [],
  )
  const sets = Object.entries(SETTINGS).flatMap(([name, key]) => {
    const list = orders.map(each => each[key])
    if (list.every(value => value === 0) && key !== 'prefetch') return []
    return oneForAll(list).length === 1 ? [`--set ${name}=${list[0]}`] : list.map((value, i) => `--set worker-${i + 1}:${name}=${value}`)
  })
  const inSlots = slots === 1 ? [] : [`--set workerSlots=${slots}`]
  return [
    `npm run lab:up -- --gpus ${gpus}`,
    ...own,
    `--set model=${modelName(state.model)}`,
    ...sets,
    ...inSlots,
    `--seed ${state.seed}`,
  ].join(' ')
}

const fixedProfile = (ms: number, slots: number): string =>
  JSON.stringify({
    ...GPU_PROFILES['synthetic-fast'],
    name: `${ms}ms`,
    fixedServiceMs: ms,
    slots,
    source: 'A fixed time, as in the playground.',
  })
