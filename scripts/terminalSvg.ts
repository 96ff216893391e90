/** Draws what a command printed on a terminal as an SVG, for the documentation: its letters, and the colours it asked for. */

// SGR codes as apps/cli/src/output/Table.ts has them, on a dark screen.
const styles: { readonly [code: string]: string } = {
  "1": 'font-weight="bold" fill="#ffffff"',
  "2": 'fill="#6e7681"',
  "31": 'fill="#ff7b72"',
  "32": 'fill="#7ee787"',
  "33": 'fill="#e3b341"'
}

const [letterWidth, lineHeight, margin] = [8.4, 18, 14]

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

// Browsers take several spaces in an SVG for one, also where they are asked to keep them.
const spaced = (text: string) => escaped(text).replaceAll(" ", "\u00a0")

interface Piece {
  readonly text: string
  readonly code: string
}

/** A line in pieces of one style each. */
const piecesOf = (line: string): ReadonlyArray<Piece> => {
  const [first = "", ...rest] = line.split("\u001b[")
  return [
    { text: first, code: "0" },
    ...rest.map((part) => {
      const end = part.indexOf("m")
      return { text: part.slice(end + 1), code: part.slice(0, end) }
    })
  ].filter(({ text }) => text !== "")
}

const columnsOf = (line: string) =>
  [
    ...piecesOf(line)
      .map(({ text }) => text)
      .join("")
  ].length

const lineSvg = (line: string, index: number): string => {
  let column = 0
  const spans = piecesOf(line).map(({ code, text }) => {
    const at = margin + column * letterWidth
    column += [...text].length
    const style = styles[code] === undefined ? "" : ` ${styles[code]}`
    return text.trim() === "" ? "" : `<tspan x="${at.toFixed(1)}"${style}>${spaced(text.trimEnd())}</tspan>`
  })
  return `<text y="${margin + (index + 1) * lineHeight}">${spans.join("")}</text>`
}

/** The SVG of what a terminal shows. Each letter takes one column. */
export const terminalSvg = (title: string, output: string): string => {
  const lines = output.trimEnd().split("\n")
  const width = Math.ceil(Math.max(...lines.map(columnsOf)) * letterWidth + 2 * margin)
  const height = (lines.length + 1) * lineHeight + 2 * margin
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#c9d1d9">
${lines.map(lineSvg).join("\n")}
</g>
</svg>
`
}
