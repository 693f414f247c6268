/** `npm run settings`: every setting, its meaning and its default in both designs. `--json` for a document, `--markdown` for the table in services/README.md. */
import Table from 'cli-table3'
import { EXIT } from '#contracts/parts'
import { envName, SETTINGS, type SettingName } from '#contracts/settings'

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

function main(args: string[]): void {
  const [flag] = args
  if (flag === '--json') console.log(JSON.stringify({ schemaVersion: 1, settings: settingRows() }, null, 2))
  else if (flag === '--markdown') console.log(settingsMarkdown())
  else if (flag === undefined) {
    const width = Math.max(60, (process.stdout.columns ?? 120) - 58)
    const table = new Table({
      head: ['setting', 'sound', 'article', 'meaning'],
      colWidths: [24, 16, 12, width],
      wordWrap: true,
      style: { head: [], border: [] },
    })
    for (const r of settingRows()) table.push([r.name, r.sound, r.article === r.sound ? '' : r.article, r.about])
    console.log(table.toString())
  } else {
    console.error(`USAGE: unknown option ${flag}. Expected --json, --markdown or nothing.`)
    process.exitCode = EXIT.usage
  }
}

if (import.meta.main) main(process.argv.slice(2))
