/** The schema of one page of a list for operators. @param counted what `count` counts, such as `Jobs`. */
export function listSchema(counted: string, item: object) {
  return {
    type: 'object',
    required: ['_page', 'children'],
    properties: {
      _page: {
        type: 'object',
        properties: {
          start: { type: 'integer' },
          limit: { type: 'integer' },
          count: { type: 'integer', description: `${counted} on this page` },
          totalCount: { type: 'integer' },
        },
      },
      children: { type: 'array', items: item },
    },
  };
}
