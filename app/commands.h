// The flags of the sub-commands, each with its examples.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "app/demo.h"
#include "app/doctor.h"
#include "app/export.h"
#include "app/import.h"
#include "app/maintain.h"
#include "app/serve.h"
#include "app/train.h"
#include "app/upload.h"

namespace spirogram::app {

// Each adds its sub-command, which fills `options` when the command line names it.
void AddServe(CLI::App* program, ServeOptions* options);
void AddTrain(CLI::App* program, TrainOptions* options);
void AddDoctor(CLI::App* program, DoctorOptions* options);
void AddDemo(CLI::App* program, DemoOptions* options);
void AddExport(CLI::App* program, ExportOptions* options);
void AddImport(CLI::App* program, transfer::ImportOptions* options);
void AddUpload(CLI::App* program, UploadCommand* command);
// backup, check and compact.
void AddMaintenance(CLI::App* program, BackupCommand* backup, CheckCommand* check,
                    std::string* compact_dir);

}  // namespace spirogram::app
