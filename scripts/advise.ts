/** `npm run advise`: which prefetch for one's own workers and load. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { shellWord } from '#evidence/typed'
import { ModelError } from '#predictor'
import { adviceDocument } from '../reports/advise/document.ts'
import { advicePage } from '../reports/advise/page.ts'
import { adviceText } from '../reports/advise/text.ts'
import { answerOf } from '../scenarios/predictor/advise/answer.ts'
import type { Question } from '../scenarios/predictor/advise/question.ts'
import { TRACE_ROWS, tracedArrivals } from '../scenarios/predictor/advise/trial.ts'
import { TraceError } from '../scenarios/predictor/trace/time.ts'
import { terminalColumns } from '../services/terminal/table.ts'
import { type AdviseAsked, adviseProgram } from './advise/arguments.ts'
import { runProgram } from './setup/program.ts'
import { firstRows, type TraceOptions, traceOf } from './setup/trace.ts'

const EXAMPLE = 'npm run advise -- --workers rtx-4090,rx-7650-gre --arrivals trace:FILE'
/** What repeats it. */
const COMMAND = [
  'npm run advise --',
  ...process.argv
    .slice(2)
    .filter(word => word !== '--json')
    .map(shellWord),
].join(' ')

async function show({ question: asked, growth, costs, json, html, trace }: AdviseAsked): Promise<void> {
  const { arrivals } = asked
  const read = arrivals.kind === 'trace-file' ? await tracedOf(arrivals.path, arrivals.load, trace) : arrivals
  const question: Question = { ...asked, arrivals: read }
  const answer = answerOf(question, growth, costs)
  if (html !== undefined) writePage(html, advicePage(question, answer, COMMAND))
  const text = json
    ? JSON.stringify(adviceDocument(question, answer, COMMAND), null, 2)
    : adviceText(question, answer, terminalColumns(process.stdout))
  console.log(text)
}

class BadFile extends Error {
  readonly code = 'BAD_FILE'
}

function writePage(path: string, page: string): void {
  try {
    writeFileSync(path, page)
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    throw new BadFile(`--html: expected a file that can be written, got ${path} (${error.message})\nType for example: --html advice.html`)
  }
  console.error(`page: ${resolve(path)}`)
}

async function tracedOf(path: string, load: number | undefined, options: TraceOptions) {
  const { rows } = await traceOf(path, options, { example: EXAMPLE, enough: firstRows(TRACE_ROWS.most) })
  return tracedArrivals(rows, load)
}

await runProgram(adviseProgram(show), error =>
  error instanceof ModelError || error instanceof TraceError || error instanceof BadFile ? `${error.code}: ${error.message}` : undefined,
)
