/** 3.10.8 -> 3.1, 4.3.6 -> 4.03: a number that grows with the version. Pure. */
export function generationOf(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(part => Number.parseInt(part, 10) || 0)
  return major + minor / 100
}
