/** A CMSIS-Pack: the description (.pdsc), and the archive (.pack) that tools install. Same files, same bytes: no times. */
import { zipSync } from 'fflate';
import { license, type PackageFacts, type PackageFiles } from './facts.js';

/** The oldest time a zip can hold; the bytes must depend on the content alone. */
const EPOCH = new Date(1980, 0, 1);

export function cmsisPack(facts: PackageFacts): PackageFiles {
  const { about } = facts;
  const files = new Map<string, string | Uint8Array>([...facts.library, ['LICENSE', license]]);
  files.set(`${about.vendor}.${facts.name}.pdsc`, description(facts));
  const encoder = new TextEncoder();
  const entries = [...files].map(([path, content]): [string, Uint8Array] => [
    path,
    typeof content === 'string' ? encoder.encode(content) : content,
  ]);
  const archive = zipSync(Object.fromEntries(entries), { mtime: EPOCH, level: 9 });
  return new Map([...files, [`${about.vendor}.${facts.name}.${about.version}.pack`, archive]]);
}

/** Text between tags or in an attribute. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function description(facts: PackageFacts): string {
  const { name, view, about } = facts;
  const file = (category: string, path: string) => `        <file category="${category}" name="${escaped(path)}"/>`;
  const text = escaped(facts.description);
  return `<?xml version="1.0" encoding="UTF-8"?>
<package schemaVersion="1.7.7" xmlns:xs="http://www.w3.org/2001/XMLSchema-instance" xs:noNamespaceSchemaLocation="PACK.xsd">
  <vendor>${about.vendor}</vendor>
  <name>${name}</name>
  <description>${text}</description>
  <url>${escaped(about.url ?? '')}</url>
  <license>LICENSE</license>
  <releases>
    <release version="${about.version}">Model sha256 ${view.sha256.replaceAll('"', '')}</release>
  </releases>
  <keywords>
    <keyword>neural network</keyword>
    <keyword>${name}</keyword>
  </keywords>
  <components>
    <component Cvendor="${about.vendor}" Cclass="Machine Learning" Cgroup="Model" Csub="${name}" Cversion="${about.version}">
      <description>${text}</description>
      <RTE_Components_h>
#define RTE_QCC_${view.MODEL}
      </RTE_Components_h>
      <files>
${[file('header', `${name}.h`), ...facts.sources.map((path) => file('source', path))].join('\n')}
      </files>
    </component>
  </components>
</package>
`;
}
