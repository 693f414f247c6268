/** `npm run settings`: every setting with its meaning and both designs' defaults. */
import { EXIT } from '#contracts/parts'
import { envName, resolveSettings, SETTINGS, type SettingName, SettingsError, type SettingsInput } from '#contracts/settings'
import { tableText, terminalColumns } from '../services/terminal/table.ts'
import { wrap } from '../services/terminal/text.ts'

interface Row {
  name: SettingName
  environment: string
  sound: string
  article: string
  about: string
}

const shown = (value: unknown): string => (Array.isArray(value) ? value.join(',') || '(none)' : value === '' ? '(empty)' : String(value))

function settingRows(): Row[] {
  return (Object.keys(SETTINGS) as SettingName[]).map(name => {
    const spec: { about: string; sound: unknown; article?: unknown } = SETTINGS[name]
    return { name, environment: envName(name), sound: shown(spec.sound), article: shown(spec.article ?? spec.sound), about: spec.about }
  })
}

/** The table as it stands in services/README.md between its two markers. */
export function settingsMarkdown(): string {
  const cell = (text: string) => text.replaceAll('|', '\\|')
  return [
    '| setting | sound | article | meaning |',
    '|---|---|---|---|',
    ...settingRows().map(r => `| \`${r.name}\` | ${cell(r.sound)} | ${r.article === r.sound ? '' : cell(r.article)} | ${cell(r.about)} |`),
  ].join('\n')
}

const USAGE = `npm run settings                  every setting, its meaning, both defaults
npm run settings -- NAME          one setting and the values that it takes
npm run settings -- WORD          all settings whose names contain WORD
npm run -s settings -- --json     all as one JSON document
npm run settings -- --markdown    the table of services/README.md
To change one: npm run lab:up -- --set NAME=VALUE`

/** Every schema but free text refuses it, and says what it expects. */
const ODD_TEXT = '?!'.repeat(60)

function settingText({ name, about, sound, article, environment }: Row): string {
  const { schema }: { schema: { safeParse(value: unknown): { error?: { issues: { message: string }[] } | undefined } } } = SETTINGS[name]
  const [issue] = schema.safeParse(ODD_TEXT).error?.issues ?? []
  const rows = [
    ['takes', issue?.message.replace(/^expected /, '') ?? 'any text'],
    ['default', `${sound} (sound), ${article} (article)`],
    ['change it', `npm run lab:up -- --set ${name}=VALUE`],
    ['in a part', environment],
  ]
  const width = terminalColumns(process.stdout)
  return [...wrap('', `${name}: ${about}`, width, 0), tableText(rows, { columns: width })].join('\n')
}

/** In any case, `prefetch` finds `workerPrefetchTasks`; the whole name finds that one alone. */
function settingsFor(word: string): Row[] {
  const wanted = word.toLowerCase()
  const named = settingRows().map(row => ({ row, name: row.name.toLowerCase() }))
  const exact = named.filter(({ name }) => name === wanted)
  return (exact.length > 0 ? exact : named.filter(({ name }) => name.includes(wanted))).map(({ row }) => row)
}

/** What is wrong with a word that finds no setting. */
function complaintOf(name: string): string {
  if (name.startsWith('-')) return `USAGE: unknown option ${name}.\n${USAGE}`
  try {
    resolveSettings({ [name]: '' } as SettingsInput)
  } catch (error) {
    if (error instanceof SettingsError) return `${error.code}: ${error.message}`
    throw error
  }
  return `USAGE: ${name} is not a single setting.\n${USAGE}`
}

function main([word, ...more]: string[]): void {
  if (more.length > 0) {
    console.error(`USAGE: expected one word at most, got ${[word, ...more].join(' ')}.\n${USAGE}`)
    process.exitCode = EXIT.usage
  } else if (word === '--help' || word === '-h') console.log(USAGE)
  else if (word === '--json') console.log(JSON.stringify({ schemaVersion: 1, settings: settingRows() }, null, 2))
  else if (word === '--markdown') console.log(settingsMarkdown())
  else if (word === undefined) console.log(settingsTable(settingRows()))
  else {
    const found = settingsFor(word)
    const [only] = found
    if (only === undefined) {
      console.error(complaintOf(word))
      process.exitCode = EXIT.usage
    } else console.log(found.length === 1 ? settingText(only) : settingsTable(found))
  }
}

function settingsTable(found: readonly Row[]): string {
  const rows = found.map(row => [row.name, row.sound, row.article === row.sound ? '' : row.article, row.about])
  return tableText([['setting', 'sound', 'article', 'meaning'], ...rows], { columns: terminalColumns(process.stdout) })
}

if (import.meta.main) main(process.argv.slice(2))
