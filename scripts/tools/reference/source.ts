import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Node, SyntaxKind } from 'typescript/unstable/ast'
import {
  isCallExpression,
  isClassDeclaration,
  isFunctionDeclaration,
  isIdentifier,
  isInterfaceDeclaration,
  isObjectLiteralExpression,
  isTemplateExpression,
  isTypeAliasDeclaration,
  isVariableDeclaration,
  isVariableStatement,
} from 'typescript/unstable/ast/is'
import { API, type Checker, type Program } from 'typescript/unstable/sync'

/** Signatures as they are written, and their docstrings, read by the TypeScript compiler. */

const ROOT = join(import.meta.dirname, '../../..')
const CHECKS = 'scenarios/evidence/checks'
/** Where tests of checks stand. */
const TESTS = [CHECKS, 'scenarios/experiment', 'reports/replay']

/** One thing that an author can write, with its docstring. */
export interface Entry {
  signature: string
  about: string
  /** `@param`, `@returns` and `@throws`. */
  tags: readonly { name: string; text: string }[]
}

export interface CheckEntry extends Entry {
  name: string
  /** What must hold. Parameters of a built check stand in backticks. */
  claim: string
  file: string
  timed: boolean
  needsRest: boolean
  /** Measure whose limit a built check sets. */
  measure: string | undefined
  /** Names of the test files that import it, or else name it. */
  tests: string[]
}

/** The compiler's view of the project. Closed by `using`. */
export class Source implements Disposable {
  readonly #api = new API({ cwd: ROOT })
  readonly #program: Program
  readonly #checker: Checker

  constructor() {
    const config = join(ROOT, 'tsconfig.json')
    const project = this.#api.updateSnapshot({ openProjects: [config] }).getProject(config)
    if (project === undefined) throw new Error(`${config} opens no project`)
    this.#program = project.program
    this.#checker = project.checker
  }

  /** The members of a class, interface or zod object; or one function, constant or type. */
  entries(path: string, name: string): Entry[] {
    const found = this.#exports(path).find(one => one.name === name)
    if (found === undefined) throw new Error(`${path} exports no ${name}`)
    const members = membersOf(found.node)
    if (members === undefined) return [this.#entry(found.node, found.named)]
    return members.flatMap(member => {
      const named = nameOf(member)
      return named === undefined ? [] : [this.#entry(member, named)]
    })
  }

  /** Every check in `#checks/*`, by file and place. */
  checks(): CheckEntry[] {
    const files = readdirSync(join(ROOT, CHECKS))
    const tests = TESTS.flatMap(folder =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter(path => path.endsWith('.test.ts'))
        .map(path => ({ file: basename(path), text: readFileSync(join(ROOT, folder, path), 'utf8') })),
    )
    const sources = files.filter(file => !file.endsWith('.test.ts') && file !== 'all.ts')
    return sources.flatMap(file =>
      this.#exports(`${CHECKS}/${file}`).flatMap(({ name, node, named }): CheckEntry[] => {
        const call = descendant(node, one => isCallExpression(one) && one.expression.getText() === 'check')
        if (call === undefined || !isCallExpression(call)) return []
        const [id, claim, look, kind] = call.arguments
        if (id === undefined || claim === undefined) throw new Error(`${file}: ${name}: a check without a name or a claim`)
        const testsWith = (words: RegExp) => [...new Set(tests.flatMap(test => (words.test(test.text) ? [test.file] : [])))]
        const importers = testsWith(new RegExp(`import \\{[^}]*\\b${name}\\b[^}]*\\} from '[^']*\\b${file.replace(/\.ts$/, '')}(\\.ts)?'`))
        return [
          {
            ...this.#entry(node, named),
            name: unquoted(id),
            claim: unquoted(claim).replace(/`([A-Z_]+)`/g, (_, constant) => constantOf(node, constant).replace(/^'|'$/g, '')),
            file: file.replace(/\.ts$/, ''),
            timed: kind?.getText().includes('timed: true') ?? false,
            needsRest: kind?.getText().includes('needsRest: true') ?? false,
            measure: /\blimit = \{ measure: '(\w+)'/.exec(look?.getText() ?? '')?.[1],
            tests: importers.length > 0 ? importers : testsWith(new RegExp(`\\b${unquoted(id)}\\b`)),
          },
        ]
      }),
    )
  }

  [Symbol.dispose](): void {
    this.#api.close()
  }

  #exports(path: string): { name: string; node: Node; named: Node }[] {
    const file = this.#program.getSourceFile(join(ROOT, path))
    if (file === undefined) throw new Error(`${path} is not part of the project`)
    return file.statements.flatMap(node => {
      if (!/^export\b/.test(node.getText())) return []
      const declared = isVariableStatement(node) ? node.declarationList.declarations[0] : node
      const named = declared === undefined ? undefined : nameOf(declared)
      return declared === undefined || named === undefined ? [] : [{ name: named.getText(), node: declared, named }]
    })
  }

  #entry(node: Node, named: Node): Entry {
    const symbol = this.#checker.getSymbolAtLocation(named)
    const tags = symbol === undefined ? [] : this.#checker.getJsDocTagsOfSymbol(symbol)
    return {
      signature: signatureOf(node, named),
      about: symbol === undefined || !isDocumented(node) ? '' : oneLine(this.#checker.getDocumentationCommentOfSymbol(symbol)),
      tags: tags.map(({ name, text = '' }) => ({ name, text: oneLine(text) })),
    }
  }
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim()

/** A docstring with an empty line below it is of the file. */
function isDocumented(node: Node): boolean {
  const whole = isVariableDeclaration(node) ? node.parent.parent : node
  return /\*\/\n[ \t]*$/.test(whole.getSourceFile().text.slice(whole.pos, whole.getStart()))
}

/** The name of what others may use; undefined for what is private. */
function nameOf(node: Node): Node | undefined {
  if (/^(private|protected|static)\b/.test(node.getText())) return undefined
  const name = 'name' in node ? (node.name as Node | undefined) : undefined
  return name === undefined || name.kind === SyntaxKind.PrivateIdentifier || name.kind === SyntaxKind.ComputedPropertyName
    ? undefined
    : name
}

function membersOf(node: Node): readonly Node[] | undefined {
  if (isClassDeclaration(node) || isInterfaceDeclaration(node)) return node.members
  if (isFunctionDeclaration(node) || isTypeAliasDeclaration(node)) return undefined
  const schema = descendant(node, one => isCallExpression(one) && oneLine(one.expression.getText()).replace(' ', '') === 'z.strictObject')
  const shape = schema !== undefined && isCallExpression(schema) ? schema.arguments[0] : undefined
  return shape !== undefined && isObjectLiteralExpression(shape) ? shape.properties : undefined
}

/** From the name to the body or the value. */
function signatureOf(node: Node, named: Node): string {
  const file = node.getSourceFile()
  const body = 'body' in node ? (node.body as Node | undefined) : undefined
  const value = 'initializer' in node && node.kind !== SyntaxKind.PropertyAssignment ? (node.initializer as Node | undefined) : undefined
  const end = body?.getStart() ?? value?.getStart() ?? node.getEnd()
  const text = oneLine(file.text.slice(named.getStart(), end).replace(/ *\/\*\*.*?\*\//g, '')).replace(/ =$/, '')
  return node.kind === SyntaxKind.GetAccessor ? text.replace('()', '') : text.replace(/\.optional\(\)$/, '').replace(/: z\./, ': ')
}

function descendant(node: Node, fits: (node: Node) => boolean): Node | undefined {
  if (fits(node)) return node
  return node.forEachChild(child => descendant(child, fits))
}

/** The text of a string or of a constant that is one, the gaps of a template in backticks. */
function unquoted(node: Node): string {
  const text = isIdentifier(node) ? constantOf(node, node.text) : node.getText()
  return isTemplateExpression(node) ? text.slice(1, -1).replace(/\$\{([^}]*)\}/g, '`$1`') : text.replace(/^['"]|['"]$/g, '')
}

/** The value of a constant of the same file, as it is written. */
function constantOf(node: Node, name: string): string {
  return new RegExp(`const ${name} =\\s+(.+)`).exec(node.getSourceFile().text)?.[1] ?? name
}
