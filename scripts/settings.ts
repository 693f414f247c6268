/** `npm run settings`: every setting, its meaning and its default in both designs. NAME for one, `--json` for a document, `--markdown` for the table in
 *  services/README.md. */
import { EXIT } from '#contracts/parts'
import { envName, isSettingName, resolveSettings, SETTINGS, type SettingName, SettingsError, type SettingsInput } from '#contracts/settings'
import { tableText } from '../services/terminal/table.ts'

interface Row {
  name: string
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

const USAGE = `npm run settings                  every setting, its meaning and its default in both designs
npm run settings -- NAME          one of them, and what it takes
npm run -s settings -- --json     all as one JSON document
npm run settings -- --markdown    the table of services/README.md
To change one: npm run lab:up -- --set NAME=VALUE`

/** No number, no choice, no name: what refuses it says what it expects. */
const ODD_TEXT = '?!'.repeat(60)

function settingText(name: SettingName): string {
  const { schema }: { schema: { safeParse(value: unknown): { error?: { issues: { message: string }[] } | undefined } } } = SETTINGS[name]
  const [issue] = schema.safeParse(ODD_TEXT).error?.issues ?? []
  const row = settingRows().find(other => other.name === name)
  return [
    `${name}: ${row?.about}`,
    `  takes     ${issue?.message.replace(/^expected /, '') ?? 'any text'}`,
    `  default   ${row?.sound} (sound), ${row?.article} (article)`,
    `  change it npm run lab:up -- --set ${name}=VALUE`,
    `  in a part ${row?.environment}`,
  ].join('\n')
}

/** What is wrong with a name that is none. */
function complaintOf(name: string): string {
  if (name.startsWith('-')) return `USAGE: unknown option ${name}.\n${USAGE}`
  try {
    resolveSettings({ [name]: '' } as SettingsInput)
  } catch (error) {
    if (error instanceof SettingsError) return `${error.code}: ${error.message}`
    throw error
  }
  return `USAGE: ${name} is no setting of its own.\n${USAGE}`
}

function main([word, ...more]: string[]): void {
  if (more.length > 0) {
    console.error(`USAGE: expected one word at most, got ${[word, ...more].join(' ')}.\n${USAGE}`)
    process.exitCode = EXIT.usage
  } else if (word === '--help' || word === '-h') console.log(USAGE)
  else if (word === '--json') console.log(JSON.stringify({ schemaVersion: 1, settings: settingRows() }, null, 2))
  else if (word === '--markdown') console.log(settingsMarkdown())
  else if (word === undefined) console.log(settingsTable())
  else if (isSettingName(word)) console.log(settingText(word))
  else {
    console.error(complaintOf(word))
    process.exitCode = EXIT.usage
  }
}

function settingsTable(): string {
  const rows = settingRows().map(r => [r.name, r.sound, r.article === r.sound ? '' : r.article, r.about])
  return tableText([['setting', 'sound', 'article', 'meaning'], ...rows], { columns: process.stdout.columns ?? 120 })
}

if (import.meta.main) main(process.argv.slice(2))
