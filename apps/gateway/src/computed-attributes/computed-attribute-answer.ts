import { COMPUTED_ATTRIBUTES, computedRoot } from '@tessera/domain';
import type { Sandbox } from '@tessera/http';
import type { ComputedAttribute } from '@tessera/stores';

const definedOn = [
  {
    'meta:resourceType': 'unions',
    'meta:containerId': 'tenant',
    $ref: 'https://ns.adobe.com/xdm/context/profile__union',
  },
];

/** An attribute as both resources show it. */
function shown(attribute: ComputedAttribute, sandbox: Sandbox, tenantName: string) {
  const { id, tenant, name, description, expression, xdmType, createdAt, updatedAt, createdBy } = attribute;
  const position = [computedRoot(tenantName), COMPUTED_ATTRIBUTES];
  return {
    id,
    name,
    description,
    imsOrgId: tenant.organisation,
    sandbox: { sandboxId: sandbox.id, sandboxName: sandbox.name, type: sandbox.type, default: sandbox.isDefault },
    path: position.join('/'),
    positionPath: position,
    expression: { type: 'PQL', format: 'pql/text', value: expression },
    returnSchema: { 'meta:xdmType': xdmType },
    schema: { name: '_xdm.context.profile' },
    definedOn,
    status: attribute.status,
    createEpoch: createdAt,
    updateEpoch: updatedAt,
    createdBy,
  };
}

/** An attribute as answers show it (spec 11-computed-attributes). */
export function attributeAnswer(attribute: ComputedAttribute, sandbox: Sandbox, tenantName: string) {
  const { displayName, duration, keepCurrent, mergeFunction, evaluatedAt } = attribute;
  return {
    ...shown(attribute, sandbox, tenantName),
    type: 'ComputedAttribute',
    displayName,
    duration,
    keepCurrent,
    mergeFunction: { value: mergeFunction },
    lastEvaluationTs: evaluatedAt === undefined ? '' : new Date(evaluatedAt).toISOString(),
  };
}

/** An attribute as the older resource shows it. */
export function olderAnswer(attribute: ComputedAttribute, sandbox: Sandbox, tenantName: string) {
  return shown(attribute, sandbox, tenantName);
}
