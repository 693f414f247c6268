/** Evidence is data: nothing puts a sentence into a document or decides by reading one. Pure. */

interface Source {
  path: string
  text: string
}

/** One file alone reads the sentences of older runs. */
const OLDER_RUNS = 'scenarios/evidence/store/version-1.ts'
const EVIDENCE = /^(scenarios|loadtest|reports)\//
const isTest = (path: string) => /\.(test|lab)\.ts$/.test(path)

const CODE_WITH_BLANK = /\b(?:breach|reason)\(\s*(['"`])[^'"`]* [^'"`]*\1|\b(?:code|of): (['"`])[^'"`\n]* [^'"`\n]*\2/
const SENTENCE = String.raw`(?:\w+\??\.)*\b(?:detail|claim|because|lastSeen)`
const READS = String.raw`\??\.(?:includes|startsWith|endsWith|match|search|indexOf)\(`
const SENTENCE_READ = new RegExp(String.raw`${SENTENCE}${READS}|\.(?:exec|test)\(${SENTENCE}\)`)
const UNIT = '(?:Ms|Us|Percent|PerSecond)'
const NAME_READ = new RegExp(String.raw`${UNIT}\$?/[a-z]*\.(?:exec|test)\(|\.endsWith\('${UNIT}'\)`)
/** Docker tells its errors in words alone. */
const DOCKER = 'scenarios/lab/runtime/compose/'
const MESSAGE_READ = new RegExp(String.raw`\w\.message${READS}|\.(?:exec|test)\((?:\w+\??\.)+message\)`)
const COMMENT_OR_TEXT = /\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g
const WORDS = /[a-z]+ [a-z]+ [a-z]+/i
/** Lines before a text among which its error begins. */
const ERROR_LINES = 3

/** The first sentence that goes into no error: a load test's words stand in reports/load. */
function sentenceIn(text: string): string | undefined {
  for (const { 0: found, index } of text.matchAll(COMMENT_OR_TEXT)) {
    if (found.startsWith('/') || !WORDS.test(found.replaceAll(/\$\{[^}]*\}/g, 'x'))) continue
    if (!/Error\(/.test(text.slice(0, index).split('\n').slice(-ERROR_LINES).join('\n'))) return found
  }
  return undefined
}

export function dataNotWords({ path, text }: Source): string[] {
  if (isTest(path) || path === OLDER_RUNS) return []
  const written = path.startsWith('reports/') || !EVIDENCE.test(path) ? undefined : CODE_WITH_BLANK.exec(text)?.[0].trim()
  const sentence = path.startsWith('loadtest/') ? (written ?? sentenceIn(text)) : written
  const read = EVIDENCE.test(path) ? SENTENCE_READ.exec(text)?.[0] : undefined
  const name = EVIDENCE.test(path) ? NAME_READ.exec(text)?.[0] : undefined
  const message = path.startsWith(DOCKER) ? undefined : MESSAGE_READ.exec(text)?.[0]
  return [
    ...(sentence === undefined ? [] : [`makes words (${sentence}): evidence is codes with values; its words stand in reports/`]),
    ...(read === undefined ? [] : [`decides by reading a sentence (${read}): add a code or a number to the data, and read that`]),
    ...(name === undefined ? [] : [`decides by the end of a name (${name}): read a field of its row in scenarios/evidence/measures.ts`]),
    ...(message === undefined ? [] : [`decides by the text of an error (${message}): give the error a code, and read that`]),
  ]
}
