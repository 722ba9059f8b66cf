// The program: parses the command line and hands over to a sub-command. All composition is in app/.
#include <CLI/CLI.hpp>
#include <cctype>
#include <map>
#include <string>
#include <type_traits>

#include "app/demo.h"
#include "app/doctor.h"
#include "app/exit_code.h"
#include "app/serve.h"
#include "app/train.h"
#include "app/version.h"

namespace spirogram::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  spirogram serve --logdir runs               serve every run below runs/ on http://127.0.0.1:6006/
  spirogram train recsys --logdir runs        train the recommendation model and log it
  spirogram doctor runs --fail-on warning     print the findings; exit code 10 if there are any
  spirogram demo                              a healthy and a faulty run, served side by side

Every flag is also an environment variable (--data-dir is SPIROGRAM_DATA_DIR) and a line of the TOML
file given by --config, in a section named like the sub-command.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 permission, 5 unavailable (port or data
directory in use), 6 damaged data, 10 findings (doctor --fail-on).)";

// Adds an option that is spelled with '-' or '_' and can come from SPIROGRAM_NAME.
template <typename T>
CLI::Option* AddOption(CLI::App* command, const std::string& name, T* value,
                       const std::string& help) {
  std::string underscored = name;
  std::string variable = "SPIROGRAM_";
  for (char& c : underscored) {
    if (c == '-') c = '_';
    variable.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  const std::string spelled = underscored == name ? "--" + name : "--" + name + ",--" + underscored;
  CLI::Option* option;
  if constexpr (std::is_same_v<T, bool>) {
    option = command->add_flag(spelled, *value, help);
  } else {
    option = command->add_option(spelled, *value, help)->capture_default_str();
  }
  return option->envname(variable);
}

void AddServe(CLI::App* program, ServeOptions* options) {
  CLI::App* serve = program->add_subcommand("serve", "Tail a log directory and serve its pages");
  AddOption(serve, "logdir", &options->logdir, "folder with TensorBoard event files, any depth")
      ->required();
  AddOption(serve, "data-dir", &options->data_dir,
            "where the database lies (default: below ~/.local/share/spirogram)");
  AddOption(serve, "host", &options->host, "address to listen on");
  CLI::Option* bind_all = AddOption(serve, "bind-all", &options->bind_all,
                                    "listen on all interfaces; name the hosts by --allowed-hosts");
  bind_all->excludes("--host");
  AddOption(serve, "port", &options->port, "port to listen on; 0 takes a free one")
      ->check(CLI::Range(0, 65535));
  AddOption(serve, "allowed-hosts", &options->allowed_hosts,
            "further host names by which browsers may call this server")
      ->delimiter(',');
  AddOption(serve, "threads", &options->threads, "I/O threads; 0: one a core")
      ->check(CLI::Range(0, 256));
  AddOption(serve, "reload-interval-ms", &options->reload_interval_ms,
            "how often to look for new data where the system does not notify")
      ->check(CLI::Range(10, 3'600'000));
  AddOption(serve, "keep-deleted-days", &options->keep_deleted_days,
            "purge the data of a deleted run after so many days; -1: never by itself")
      ->check(CLI::Range(-1.0, 36'500.0));
  AddOption(serve, "allow-delete-files", &options->allow_delete_files,
            "let a purge also delete the run's event files, where the request says so");
}

void AddModelOptions(CLI::App* command, TrainOptions* options) {
  AddOption(command, "logdir", &options->logdir, "where the run's folder is made");
  AddOption(command, "run", &options->run, "name of the run (default: the model and a number)");
  AddOption(command, "epochs", &options->epochs, "passes over the data; 0: the model's default")
      ->check(CLI::Range(0, 100'000));
  AddOption(command, "steps", &options->steps, "stop after so many steps; 0: no bound")
      ->check(CLI::NonNegativeNumber);
  AddOption(command, "batch", &options->batch, "samples per step; 0: the model's default")
      ->check(CLI::Range(0, 1'000'000));
  AddOption(command, "learning-rate", &options->learning_rate, "0: the model's default")
      ->check(CLI::NonNegativeNumber);
  AddOption(command, "optimizer", &options->optimizer, "adam or sgd")
      ->check(CLI::IsMember({"adam", "sgd"}));
  AddOption(command, "seed", &options->seed, "of weights, data and order");
  AddOption(command, "device", &options->device, "auto, cpu or cuda")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  AddOption(command, "threads", &options->threads, "of the CPU backend; 0: one a core")
      ->check(CLI::Range(0, 1024));
  AddOption(command, "no-profile", &options->no_profile, "do not record GPU kernels by CUPTI");
}

void AddTrain(CLI::App* program, TrainOptions* options) {
  CLI::App* train = program->add_subcommand("train", "Train a reference model and log it");
  train->require_subcommand(1);
  CLI::App* mnist = train->add_subcommand("mnist", "A perceptron on handwritten digits");
  AddModelOptions(mnist, options);
  AddOption(mnist, "data", &options->data_dir, "folder with the four IDX files (*-ubyte.gz)")
      ->required();
  CLI::App* recsys =
      train->add_subcommand("recsys", "A wide & deep model on a click log made from the seed");
  AddModelOptions(recsys, options);
  AddOption(recsys, "item-embedding-learning-rate-scale",
            &options->item_embedding_learning_rate_scale,
            "a fault to diagnose: far below 1, the items' rows hardly move")
      ->check(CLI::NonNegativeNumber);
  AddOption(recsys, "kill-relus", &options->kill_relus,
            "a fault to diagnose: units of hidden_1 die in the course of the run");
}

void AddDoctor(CLI::App* program, DoctorOptions* options) {
  CLI::App* doctor = program->add_subcommand("doctor", "Print what is wrong with the runs");
  doctor->add_option("logdir", options->logdir, "folder with event files")->required();
  AddOption(doctor, "json", &options->json, "print one JSON document");
  const std::map<std::string, store::Severity> severities = {
      {"info", store::Severity::kInfo},
      {"warning", store::Severity::kWarning},
      {"critical", store::Severity::kCritical}};
  doctor->add_option("--fail-on,--fail_on", options->fail_on, "exit with 10 on findings this bad")
      ->envname("SPIROGRAM_FAIL_ON")
      ->transform(CLI::CheckedTransformer(severities).description("info, warning or critical"));
}

void AddDemo(CLI::App* program, DemoOptions* options) {
  CLI::App* demo = program->add_subcommand("demo", "A healthy and a faulty run, side by side");
  AddOption(demo, "dir", &options->dir, "where the demo's logs and database lie");
  AddOption(demo, "data", &options->mnist_dir, "folder with the MNIST files: adds a run on them");
  AddOption(demo, "no-serve", &options->no_serve, "exit when all is ready");
  AddOption(demo, "fresh", &options->fresh, "train again even where finished runs lie");
  AddOption(demo, "seconds", &options->seconds, "of training")->check(CLI::Range(1.0, 86'400.0));
  AddOption(demo, "host", &options->host, "address to listen on");
  AddOption(demo, "port", &options->port, "port to listen on; 0 takes a free one")
      ->check(CLI::Range(0, 65535));
}

int Main(int argc, char** argv) {
  CLI::App program("Spirogram shows a model breathe: training observability from event files.",
                   "spirogram");
  program.footer(kFooter);
  program.set_version_flag("--version", kVersion);
  program.set_config("--config", "", "TOML file with defaults for flags")
      ->envname("SPIROGRAM_CONFIG");
  program.allow_config_extras(CLI::config_extras_mode::error);  // inherited by sub-commands
  program.require_subcommand(1);
  program.fallthrough();

  ServeOptions serve;
  TrainOptions train;
  DoctorOptions doctor;
  DemoOptions demo;
  AddServe(&program, &serve);
  AddTrain(&program, &train);
  AddDoctor(&program, &doctor);
  AddDemo(&program, &demo);

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  if (program.got_subcommand("serve")) return Serve(serve);
  if (program.got_subcommand("doctor")) return Doctor(doctor);
  if (program.got_subcommand("demo")) return Demo(demo);
  return program.get_subcommand("train")->got_subcommand("mnist") ? TrainMnist(train)
                                                                  : TrainRecsys(train);
}

}  // namespace
}  // namespace spirogram::app

int main(int argc, char** argv) {
  return spirogram::app::Main(argc, argv);
}
