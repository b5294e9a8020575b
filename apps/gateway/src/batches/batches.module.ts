import { Module, type DynamicModule } from '@nestjs/common';
import { JobCommands } from '@tessera/jobs';
import type { ObjectStorage } from '@tessera/object-storage';
import { BatchStore, BatchUploadStore, DatasetStore, OutputFileReader, type Database } from '@tessera/stores';
import { BatchActionsService } from './batch-actions.service.js';
import { BatchExportController, PUBLIC_URL } from './batch-export.controller.js';
import { BatchExportService } from './batch-export.service.js';
import { BatchFilesController } from './batch-files.controller.js';
import { BatchUploadsService, MAX_PART_BYTES } from './batch-uploads.service.js';
import { BatchesController } from './batches.controller.js';
import { BatchesService } from './batches.service.js';
import { CatalogBatchesController } from './catalog-batches.controller.js';
import { OBJECT_STORAGE } from './object-storage.token.js';
import { OutputFilesController } from './output-files.controller.js';
import { OutputFilesService } from './output-files.service.js';

export interface BatchesParts {
  readonly database: Database;
  readonly storage: ObjectStorage;
  readonly commands: JobCommands;
  /** Bytes of a file, or of one of its parts, at most. */
  readonly maxPartBytes: number;
  /** Address of links in answers; that of each request when absent. */
  readonly publicUrl?: string | undefined;
}

/** Batches of files: their upload, their catalogue, and what became of their rows. */
@Module({})
export class BatchesModule {
  static with({ database, storage, commands, maxPartBytes, publicUrl }: BatchesParts): DynamicModule {
    return {
      module: BatchesModule,
      controllers: [
        BatchesController,
        BatchFilesController,
        CatalogBatchesController,
        BatchExportController,
        OutputFilesController,
      ],
      providers: [
        { provide: BatchStore, useValue: new BatchStore(database) },
        { provide: BatchUploadStore, useValue: new BatchUploadStore(database) },
        { provide: DatasetStore, useValue: new DatasetStore(database) },
        { provide: OutputFileReader, useValue: new OutputFileReader(database) },
        { provide: OBJECT_STORAGE, useValue: storage },
        { provide: JobCommands, useValue: commands },
        { provide: MAX_PART_BYTES, useValue: maxPartBytes },
        { provide: PUBLIC_URL, useValue: publicUrl ?? null },
        BatchesService,
        BatchActionsService,
        BatchUploadsService,
        BatchExportService,
        OutputFilesService,
      ],
    };
  }
}
