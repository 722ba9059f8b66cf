// The program: parses the command line and hands over to a sub-command. All composition is in app/.
#include <cstdlib>
#include <memory>
#include <string>

#include "app/commands.h"
#include "app/config_file.h"
#include "app/exit_code.h"
#include "app/flags.h"
#include "app/project.h"
#include "app/project_flags.h"
#include "app/version.h"

namespace spirogram::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  spirogram serve --logdir runs               serve every run below runs/ on http://127.0.0.1:6006/
  spirogram train recsys --logdir runs        train the recommendation model and log it
  spirogram doctor runs --fail-on warning     print the findings; exit code 10 if there are any
  spirogram demo                              a healthy and a faulty run, served side by side
  spirogram export runs --tag ^loss > loss.csv            every point of the tags that begin so
  spirogram backup --data-dir DIR --out runs.sqlite       a copy, also while a server runs
  spirogram check --data-dir DIR                          exit code 1 if anything is damaged
  spirogram import metrics.csv --logdir runs --run tuned  a run made of a table
  spirogram train recsys --url http://box:6006            log to a server (box: serve --bind-all
                                                          --allowed-hosts box --allow-ingest)
  spirogram project vectors.npy --out map.png             a t-SNE map with its quality
  spirogram upload runs --url http://box:6006             send what is there, or what a crash left

Every flag is also an environment variable (--data-dir is SPIROGRAM_DATA_DIR) and a line of the TOML
file given by --config, in a section named like the sub-command.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 permission, 5 unavailable (port or data
directory in use), 6 damaged data, 10 findings (doctor --fail-on), 130 and 143 stopped before it was
done (by Ctrl-C, by SIGTERM). A server that is stopped is done: 0.)";

int Main(int argc, char** argv) {
  CLI::App program("Spirogram shows a model breathe: training observability from event files.",
                   "spirogram");
  program.footer(kFooter);
  program.set_version_flag("--version", kVersion);
  // The library asks the environment only once it has read the file.
  const char* config = std::getenv("SPIROGRAM_CONFIG");
  const bool has_config = config != nullptr && *config != '\0';
  program
      .set_config("--config", has_config ? config : "", "TOML file with defaults for flags",
                  has_config)
      ->envname("SPIROGRAM_CONFIG");
  program.config_formatter(std::make_shared<ConfigFile>());
  program.allow_config_extras(CLI::config_extras_mode::error);  // inherited by sub-commands
  program.require_subcommand(1);
  program.fallthrough();

  ServeOptions serve;
  TrainOptions train;
  DoctorOptions doctor;
  DemoOptions demo;
  ExportOptions export_options;
  transfer::ImportOptions import_options;
  AddServe(&program, &serve);
  AddTrain(&program, &train);
  AddDoctor(&program, &doctor);
  AddDemo(&program, &demo);
  AddExport(&program, &export_options);
  AddImport(&program, &import_options);
  BackupCommand backup;
  CheckCommand check;
  std::string compact_dir;
  AddMaintenance(&program, &backup, &check, &compact_dir);
  UploadCommand upload;
  AddUpload(&program, &upload);
  ProjectOptions project;
  AddProject(&program, &project);

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return AnswerParseError(program, error);
  }
  if (program.got_subcommand("serve")) return Serve(serve);
  if (program.got_subcommand("doctor")) return Doctor(doctor);
  if (program.got_subcommand("demo")) return Demo(demo);
  if (program.got_subcommand("export")) return Export(export_options);
  if (program.got_subcommand("project")) return Project(project);
  if (program.got_subcommand("import")) return Import(import_options);
  if (program.got_subcommand("backup")) return Backup(backup);
  if (program.got_subcommand("check")) return Check(check);
  if (program.got_subcommand("upload")) return Upload(upload);
  if (program.got_subcommand("compact")) return Compact(compact_dir);
  return program.get_subcommand("train")->got_subcommand("mnist") ? TrainMnist(train)
                                                                  : TrainRecsys(train);
}

}  // namespace
}  // namespace spirogram::app

// NOLINTNEXTLINE(bugprone-exception-escape): without memory to go on, ending here is right
int main(int argc, char** argv) {
  const int code = spirogram::app::Main(argc, argv);
  return code == spirogram::app::kExitOk ? spirogram::app::FlushStdout() : code;
}
