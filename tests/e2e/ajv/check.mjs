// Reads a JSON document on stdin: {"schemas": {name: schema}, "documents": [{"schema": name, "document": any}]}; answers on stdout with one line of JSON:
// {"broken": [what is wrong with a schema, and under which draft], "refused": [[index, draft, why]]}. Both drafts judge everything.
import { readFileSync } from 'node:fs'
import Ajv7 from 'ajv'
import Ajv2020 from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

const { schemas, documents } = JSON.parse(readFileSync(0, 'utf8'))
const broken = []
const refused = []
for (const [draft, Ajv] of [['draft 7', Ajv7.default ?? Ajv7], ['draft 2020-12', Ajv2020.default ?? Ajv2020]]) {
  // Strict: unknown keywords, formats and ignored members are faults of the schema. An amount is a number or its decimal text, so unions are allowed.
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictTypes: false, validateSchema: true })
  ;(addFormats.default ?? addFormats)(ajv)
  const compiled = {}
  for (const [name, schema] of Object.entries(schemas)) {
    try {
      compiled[name] = ajv.compile(schema)
    } catch (fault) {
      broken.push(`${name} under ${draft}: ${fault.message}`)
    }
  }
  documents.forEach(({ schema, document }, index) => {
    const check = compiled[schema]
    if (check !== undefined && !check(document)) refused.push([index, draft, ajv.errorsText(check.errors)])
  })
}
process.stdout.write(JSON.stringify({ broken, refused }) + '\n')
