const hex = (value: number, digits: number) => Math.floor(value).toString(16).padStart(digits, '0').slice(-digits)

/** A UUID version 7 from VU and number: random ids cost a large store 10 %. */
export function messageId(atMs: number, vu: number, number: number): string {
  const time = hex(atMs, 12)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(number / 2 ** 32, 3)}-8${hex(vu, 3)}-${hex(number % 2 ** 32, 12)}`
}
