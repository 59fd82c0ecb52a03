// Writes src/types.ts from the OpenAPI document of a node:
//   curl http://localhost:8080/v3/api-docs | node scripts/types.mjs > src/types.ts
import { readFileSync } from 'node:fs';

/** What the client sends and returns. Whatever these need follows from the document. */
const SCHEMAS = [
  'Applied',
  'AuditPage',
  'CheckedEnvironment',
  'CloudEvent',
  'ConstantProblem',
  'Decision',
  'Decisions',
  'Erased',
  'ExpiringKeyPage',
  'FeedEnd',
  'FeedEvent',
  'FeedHeartbeat',
  'History',
  'HolderPage',
  'ImportResults',
  'IpAllowList',
  'IssueKey',
  'ImportKey',
  'KeyNotYetApplied',
  'KeyPage',
  'KeyWithSecret',
  'Metadata',
  'Nodes',
  'RenewalResults',
  'RenewKey',
  'RenewSelf',
  'RevokeAtOnce',
  'RevokedKeys',
  'RevokeKey',
  'RotateKey',
  'RotateSelf',
  'SelfAnswer',
  'SelfOrRoot',
  'SelfWithSecret',
  'SuspendKey',
  'WorkspacePage',
  'PolicyFields',
];

/** Operations whose query the caller fills in. */
const QUERIES = ['exportAudit', 'followFeed', 'listAuditEntries', 'listKeys'];

const WIDTH = 120;
const UNION_WIDTH = 80;
const document = JSON.parse(readFileSync(process.argv[2] ?? 0, 'utf8'));
const { schemas, parameters } = document.components;
const types = new Map();

for (const name of SCHEMAS) {
  add(name);
}
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
for (const id of QUERIES) {
  const operation = operations.find(({ operationId }) => operationId === id);
  const fields = operation.parameters
    .map((parameter) => (parameter.$ref === undefined ? parameter : parameters[nameOf(parameter)]))
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, description, schema }) => field(name, { ...schema, description }, false));
  types.set(
    id[0].toUpperCase() + id.slice(1) + 'Query',
    comment(`The parameters of \`${id}\`.`, '') + `export type ${id[0].toUpperCase()}${id.slice(1)}Query = ${object(fields, '')};\n`,
  );
}
const sorted = [...types].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
process.stdout.write(
  ["// Made by scripts/types.mjs from the OpenAPI document of a node. Do not edit.\n", ...sorted].join('\n'),
);

function add(name) {
  if (!types.has(name)) {
    types.set(name, '');
    const schema = schemas[name];
    types.set(name, `${comment(schema.description, '')}export type ${name} = ${typeOf(schema, '')};\n`.replaceAll(' \n', '\n'));
  }
  return name;
}

function typeOf(schema, indent) {
  const { $ref, allOf, anyOf, oneOf, properties } = schema;
  if ($ref !== undefined) {
    return add(nameOf(schema));
  }
  if (anyOf !== undefined || oneOf !== undefined) {
    throw new Error('a choice of schemas is not supported');
  }
  if (schema.enum !== undefined) {
    return union(schema.enum, indent);
  }
  if (schema.const !== undefined) {
    return literal(schema.const);
  }
  if (allOf === undefined) {
    return [schema.type ?? 'object'].flat().map((type) => simple(type, schema, indent)).join(' | ');
  }
  const base = allOf.map((part) => typeOf(part, indent)).join(' & ');
  const inherited = (schema.required ?? []).filter((name) => properties?.[name] === undefined);
  return [
    base,
    ...(inherited.length === 0 ? [] : [`Required<Pick<${base}, ${union(inherited, indent)}>>`]),
    ...(properties === undefined ? [] : [simple('object', schema, indent)]),
  ].join(' & ');
}

function union(values, indent) {
  const line = values.map(literal).join(' | ');
  return line.length <= UNION_WIDTH ? line : values.map((value) => `\n${indent}  | ${literal(value)}`).join('');
}

function simple(type, schema, indent) {
  switch (type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'array': {
      const items = typeOf(schema.items, indent);
      return /^\w+$/.test(items) ? `readonly ${items}[]` : `readonly (${items})[]`;
    }
    case 'object': {
      const { properties, additionalProperties, required = [] } = schema;
      if (properties !== undefined) {
        const inner = indent + '  ';
        const fields = Object.entries(properties).map(([name, each]) => field(name, each, required.includes(name), inner));
        const open = additionalProperties === true ? [`${inner}[name: string]: unknown;\n`] : [];
        return object([...fields, ...open], indent);
      }
      return additionalProperties instanceof Object
        ? `Readonly<Record<string, ${typeOf(additionalProperties, indent)}>>`
        : 'Readonly<Record<string, unknown>>';
    }
    default:
      throw new Error(`the type ${type} is not supported`);
  }
}

function object(fields, indent) {
  return `{\n${fields.join('')}${indent}}`;
}

function field(name, schema, isRequired, indent = '  ') {
  const quoted = /^\w+$/.test(name) ? name : literal(name);
  const description = schema.description === schemas[nameOf(schema)]?.description ? undefined : schema.description;
  return `${comment(description, indent)}${indent}readonly ${quoted}${isRequired ? '' : '?'}: ${typeOf(schema, indent)};\n`;
}

function comment(description, indent) {
  if (description === undefined) {
    return '';
  }
  const text = description.trim().replaceAll('*/', '*\\/');
  if (!text.includes('\n') && indent.length + text.length + 7 <= WIDTH) {
    return `${indent}/** ${text} */\n`;
  }
  const lines = text.split('\n').flatMap((line) => wrapped(line.trimEnd(), WIDTH - indent.length - 3));
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd() + '\n').join('')}${indent} */\n`;
}

function wrapped(line, width) {
  const lines = [''];
  for (const word of line.split(' ')) {
    const last = lines.at(-1);
    if (last !== '' && last.length + 1 + word.length > width) {
      lines.push(word);
    } else {
      lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
    }
  }
  return lines;
}

function literal(value) {
  return typeof value === 'string' ? `'${value}'` : String(value);
}

function nameOf({ $ref = '' }) {
  return $ref.slice($ref.lastIndexOf('/') + 1);
}
