import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** Each server's client lives behind one adapter library; everything else talks to that library. */
const clients = {
  mongodb: 'Use @tessera/stores: the mongodb driver stays inside that library.',
  kafkajs: 'Use @tessera/messaging: kafkajs stays inside that library.',
  bullmq: 'BullMQ stays inside the jobs library.',
  ioredis: 'ioredis stays inside its adapter libraries.',
  '@aws-sdk/client-s3': 'Use @tessera/object-storage: the S3 client stays inside that library.',
};
const allClients = { paths: Object.entries(clients).map(([name, message]) => ({ name, message })) };
const allClientsBut = (...own) => ({
  paths: Object.entries(clients)
    .filter(([name]) => !own.includes(name))
    .map(([name, message]) => ({ name, message })),
});

export default tseslint.config(
  { ignores: ['dist/**', '.nx/**', '.cache/**', 'coverage/**', 'node_modules/**'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
      'no-restricted-imports': ['error', allClients],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only libs/config reads the environment.' },
      ],
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: [],
          depConstraints: [
            {
              sourceTag: 'type:app',
              onlyDependOnLibsWithTags: ['type:adapter', 'type:domain', 'type:contract', 'type:util', 'type:testing'],
            },
            {
              sourceTag: 'type:adapter',
              onlyDependOnLibsWithTags: ['type:adapter', 'type:domain', 'type:contract', 'type:util', 'type:testing'],
            },
            { sourceTag: 'type:domain', onlyDependOnLibsWithTags: ['type:contract'] },
            { sourceTag: 'type:contract', onlyDependOnLibsWithTags: [] },
            { sourceTag: 'type:util', onlyDependOnLibsWithTags: ['type:util', 'type:contract', 'type:testing'] },
            { sourceTag: 'type:testing', onlyDependOnLibsWithTags: ['type:contract'] },
            {
              sourceTag: 'type:tool',
              onlyDependOnLibsWithTags: ['type:adapter', 'type:domain', 'type:contract', 'type:util', 'type:testing'],
            },
          ],
        },
      ],
    },
  },
  { files: ['libs/stores/**/*.ts'], rules: { 'no-restricted-imports': ['error', allClientsBut('mongodb')] } },
  { files: ['libs/messaging/**/*.ts'], rules: { 'no-restricted-imports': ['error', allClientsBut('kafkajs')] } },
  {
    files: ['libs/object-storage/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', allClientsBut('@aws-sdk/client-s3')] },
  },
  { files: ['libs/quota/**/*.ts'], rules: { 'no-restricted-imports': ['error', allClientsBut('ioredis')] } },
  { files: ['libs/edge-store/**/*.ts'], rules: { 'no-restricted-imports': ['error', allClientsBut('ioredis')] } },
  { files: ['libs/jobs/**/*.ts'], rules: { 'no-restricted-imports': ['error', allClientsBut('bullmq', 'ioredis')] } },
  { files: ['libs/testing/**/*.ts', 'tools/**/*.ts'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['libs/config/**/*.ts', 'tools/**/*.ts', 'libs/testing/**/*.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  prettier,
);
