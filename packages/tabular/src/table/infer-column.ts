import { ColumnBuilder } from './column-builder.ts'
import { type Column, MISSING_BOOLEAN, type StringColumn } from './table.ts'

/**
 * The typed column that cells of text make, by the rules of `parse-cell.ts`. The whole column decides, so the order of
 * the cells does not change the kind.
 *
 * @param texts null, undefined and '' are missing
 */
export function inferColumn(name: string, texts: readonly (string | null | undefined)[]): Column {
  const builder = new ColumnBuilder(name)
  for (const text of texts) builder.append(text ?? '')
  if (!builder.mustReread) return builder.finish()
  const again = new ColumnBuilder(name, { asText: true })
  for (const text of texts) again.append(text ?? '')
  return again.finish()
}

/**
 * A string column whose values all state numbers, booleans or datetimes as the column of that kind (a NumPy array of
 * mixed content arrives in Parquet as "1.5", "2.0", ...); any other string column as it is, whatever levels it lists
 * but does not use. Empty strings count as missing only if the column changes its kind.
 */
export function retypeStrings(column: StringColumn): Column {
  const used = new Uint8Array(column.levels.length)
  for (const code of column.codes) if (code >= 0) used[code] = 1
  const texts = column.levels.map((level, code) => (used[code] ? level : ''))
  const byLevel = inferColumn(column.name, texts)
  const { codes, name } = column
  switch (byLevel.kind) {
    case 'string':
      return column
    case 'boolean': {
      const values = new Uint8Array(codes.length)
      for (let i = 0; i < codes.length; i++) {
        values[i] = codes[i]! < 0 ? MISSING_BOOLEAN : byLevel.values[codes[i]!]!
      }
      return { kind: 'boolean', name, values }
    }
    default: {
      if (byLevel.values.every(Number.isNaN)) return column
      const values = new Float64Array(codes.length)
      for (let i = 0; i < codes.length; i++) {
        values[i] = codes[i]! < 0 ? Number.NaN : byLevel.values[codes[i]!]!
      }
      return byLevel.kind === 'number'
        ? { kind: 'number', name, values, integer: byLevel.integer }
        : { kind: 'datetime', name, values }
    }
  }
}
