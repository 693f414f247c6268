/** Runs of schema version 1 in today's shape: raw JSON to raw JSON. They had sentences where codes
 *  and numbers are now; only this file reads them. Pure. */

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const list = (value: unknown) => (Array.isArray(value) ? value.filter(isObject) : [])

/** A `run.json` of a scenario or a load test. Anything else comes back as it is. */
export function documentOfVersion1(written: unknown): unknown {
  if (!isObject(written)) return written
  const arms = list(written['arms']).map(gpusOf)
  if (written['schemaVersion'] !== 1) return arms.length === 0 ? written : { ...written, arms }
  const raised = { ...written, schemaVersion: 2 }
  if (written['kind'] === 'load') return { ...raised, ...why(written), checks: list(written['checks']).map(check => findingOf(check, {})) }
  return { ...raised, arms: arms.map(armOf) }
}

function armOf(arm: Json): Json {
  const measures = isObject(arm['measures']) ? arm['measures'] : {}
  return { ...arm, ...why(arm), checks: list(arm['checks']).map(check => findingOf(check, measures)) }
}

/** A real server had only its profile, also in the first runs of version 2. */
function gpusOf(arm: Json): Json {
  if (!Array.isArray(arm['gpus'])) return arm
  const isAddress = (profile: unknown) => String(profile).includes('://')
  return { ...arm, gpus: list(arm['gpus']).map(gpu => (isAddress(gpu['profile']) ? { url: gpu['profile'], ...gpu } : gpu)) }
}

const said = (of: Json) => ({ code: 'said', values: { text: of['detail'] } })
const why = (of: Json) => ({ why: said(of) })

function findingOf(check: Json, measures: Json): Json {
  const { name, verdict, claim } = check
  const witnesses = list(check['witnesses']).map(eventOfVersion1)
  const failed = verdict === 'fail'
  return {
    ...{ name, verdict, claim },
    ...(failed ? {} : why(check)),
    breaches: failed ? [{ ...said(check), witnesses }] : [],
    found: failed ? 1 : 0,
    limits: limitsOf(check, measures),
  }
}

type Figures = Readonly<Record<string, number>>

/** What a check's claim allowed its measure. */
const LIMITS: Readonly<Record<string, { measure: string; claim: RegExp; atMost(measures: Figures, figures: number[]): number }>> = {
  'wait-near-ideal': {
    measure: 'waitP95Ms',
    claim: /at most ([\d.]+) x that of the ideal schedule, and ([\d.]+) ms/,
    atMost: ({ idealWaitP95Ms = Number.NaN }, [factor = 0, slackMs = 0]) => factor * idealWaitP95Ms + slackMs,
  },
  'makespan-near-ideal': {
    measure: 'makespanMs',
    claim: /at most ([\d.]+) % longer than in the ideal schedule/,
    atMost: ({ idealMakespanMs = Number.NaN }, [percent = 0]) => idealMakespanMs * (1 + percent / 100),
  },
  'overtakes-near-ideal': {
    measure: 'excessOvertakes',
    claim: /at most ([\d.]+) times per hundred/,
    atMost: ({ prompts = Number.NaN }, [excess = 0]) => (excess * prompts) / 100,
  },
}

function limitsOf({ name, claim }: Json, measures: Json): Json[] {
  const known = LIMITS[String(name)]
  const figures = known?.claim.exec(String(claim))
  if (known === undefined || !figures) return []
  const value = measures[known.measure]
  const atMost = known.atMost(measures as Figures, figures.slice(1).map(Number))
  return typeof value === 'number' && Number.isFinite(atMost) ? [{ measure: known.measure, value, atMost }] : []
}

/** How those labs wrote a wait that ran out. */
const WAIT_RAN_OUT = /: not within \d+ ms \(expected /

/** Such an event had its end and fault switches in words. Today's pass unchanged. */
export function eventOfVersion1(event: Json): Json {
  const { reached, ...rest } = event
  const action = String(event['action'])
  if (event['kind'] === 'fault' && action.startsWith('faults '))
    return { ...event, action: 'faults', switches: JSON.parse(action.slice('faults '.length)) }
  if (event['kind'] !== 'rest' || reached === undefined) return event
  return { ...rest, ended: rest['ended'] ?? (reached === true ? 'rest' : endedIn(String(rest['lastSeen']))) }
}

function endedIn(lastSeen: string): string {
  if (lastSeen.startsWith('ended by its own condition')) return 'own-condition'
  return WAIT_RAN_OUT.test(lastSeen) ? 'cut-short' : 'deadline'
}
