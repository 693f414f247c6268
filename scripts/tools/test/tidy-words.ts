/** One voice: how wide comments and pages are, and the words out of use. Pure. */

const COMMENT_COLUMNS = 100
const PAGE_COLUMNS = 120

/** What is out of use, and what to write. Verdicts of a stored run may keep their sentences. */
const OUT_OF_USE: readonly [found: RegExp, write: string][] = [
  [/\b(?:is|are|was|were|be|been|being) (?:told|said)\b/i, 'report, log or print'],
  [/\b(?:says?|said|told|tells?) so\b/i, 'report, log or print'],
  [/\bunless told\b/i, 'default'],
  [/\b(?:hold|holds|held|holding)\b(?: [\w',]+){0,6} against\b/i, 'compare'],
  [/\bmend(?:s|ed|ing)?\b/i, 'fix'],
  [/\b(?:leaves?|left|leaving)\b(?: [\w-]+){0,3} away\b/i, 'drop or omit'],
  [/(?<!there )\b(?:is|are|was|were) no (?!longer\b|more\b|less\b|\w+er than\b)\w+/i, 'is not a'],
  [/\bas (?:it|they) should\b/i, 'expected'],
  [/\bby (?:itself|themselves)\b/i, 'what acts, or nothing'],
  [/\bforeign (?!key)[a-z]/i, 'other processes'],
  [/\bso many\b/i, 'a number, or its name'],
  [/\bas for\b/i, 'see'],
  [/\bat rest\b/i, 'idle'],
  [/\bwhat (?:came|comes|became|becomes) of\b/i, 'result'],
  [/\bthe one\b[^.;]{0,80}\bthe other\b/i, 'their names'],
  [/\b(?:he|him|his|himself|whoever)\b|\bnobody who\b/i, 'they, or the role'],
]

/** The lines of a file that hold a comment; a code line's own width is the formatter's. */
const hasComment = (path: string, line: string): boolean =>
  path.endsWith('.sh') ? /^\s*# /.test(line) : /^\s*(?:\/\/|\/\*|\*\s|\*\/)|\s\/\/ /.test(line)

const columns = (line: string): number => [...line].length

function width(path: string, line: string): string | undefined {
  if (path.endsWith('.md'))
    return columns(line) > PAGE_COLUMNS && !line.startsWith('[![')
      ? `is longer than ${PAGE_COLUMNS} columns: break the line, or make a list of the table`
      : undefined
  return hasComment(path, line) && columns(line) > COMMENT_COLUMNS
    ? `has a comment beyond ${COMMENT_COLUMNS} columns: say it shorter`
    : undefined
}

/** Each breach in a source, script or page, as `line N: what and how to fix it`. */
export function unclear({ path, text }: { path: string; text: string }): string[] {
  return text.split('\n').flatMap((line, index) => {
    const words = OUT_OF_USE.flatMap(([found, write]) => {
      const match = found.exec(line)
      return match === null ? [] : [`says "${match[0]}", which is out of use: write ${write}`]
    })
    const wide = width(path, line)
    return [...words, ...(wide === undefined ? [] : [wide])].map(what => `line ${index + 1}: ${what}`)
  })
}
