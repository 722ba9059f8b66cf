#include "app/commands.h"

#include <string>
#include <string_view>

#include "app/flags.h"

namespace spirogram::app {
namespace {

std::string Examples(std::string_view examples) {
  return StrCat(
      "Examples:\n", examples,
      "\n\nEvery flag is also an environment variable and a line of the file that --config "
      "names;\n`spirogram --help` says how, and lists the exit codes.");
}

void AddModelOptions(CLI::App* command, TrainOptions* options) {
  AddPathOption(command, "logdir", &options->logdir,
                "where the run's folder is made (default: runs; with --url only where it is given)")
      ->check(HasName());
  AddOption(command, "url", &options->url,
            "a Spirogram server that gets what is logged, as http://HOST:PORT; waits in a spool "
            "while the server is away");
  AddOption(command, "run", &options->run, "name of the run (default: the model and a number)");
  AddOption(command, "epochs", &options->epochs, "passes over the data; 0: the model's default")
      ->check(Between(0, 100'000));
  AddOption(command, "steps", &options->steps,
            "stop after so many steps, also within --epochs; 0: no bound")
      ->check(AtLeast<int64_t>(0));
  AddOption(command, "batch", &options->batch, "samples per step; 0: the model's default")
      ->check(Between(0, 1'000'000));
  AddOption(command, "learning-rate", &options->learning_rate, "0: the model's default")
      ->check(AtLeast(0.0));
  AddOption(command, "optimizer", &options->optimizer, "adam or sgd")
      ->check(OneOf({"adam", "sgd"}));
  AddOption(command, "seed", &options->seed, "of weights, data and order")
      ->check(AtLeast<uint64_t>(0));
  AddOption(command, "device", &options->device, "auto, cpu or cuda")
      ->check(OneOf({"auto", "cpu", "cuda"}));
  AddOption(command, "threads", &options->threads, "of the CPU backend; 0: one a core")
      ->check(Between(0, 1024));
  AddOption(command, "no-profile", &options->no_profile, "do not record GPU kernels by CUPTI");
  AddOption(command, "system-interval", &options->system_interval,
            "log every so many seconds what machine, process and GPUs are busy with; 0: never")
      ->check(Between(0.0, 86'400.0));
}

}  // namespace

void AddServe(CLI::App* program, ServeOptions* options) {
  CLI::App* serve = program->add_subcommand("serve", "Tail a log directory and serve its pages");
  serve->footer(Examples(
      R"(  spirogram serve --logdir runs              every run below runs/, on http://127.0.0.1:6006/
  spirogram serve --logdir runs --port 0     on a free port, which is printed
  spirogram serve --logdir /mnt/team/runs --bind-all --allowed-hosts box,box.example.org
                                             for others too, by these names alone
  spirogram serve --logdir runs --allow-ingest --bind-all --allowed-hosts box
                                             also takes what programs elsewhere send
  spirogram serve --logdir runs --path-prefix /team/a --allowed-hosts ml.example.org
                                             behind a proxy: https://ml.example.org/team/a/)"));
  AddPathOption(
      serve, "logdir", &options->logdir,
      "folder with TensorBoard event files and PyTorch profiler traces, any depth; waited for "
      "where it is not there yet")
      ->required()
      ->check(HasName());
  AddPathOption(serve, "data-dir", &options->data_dir,
                "where the database lies (default: below ~/.local/share/spirogram)");
  AddOption(serve, "host", &options->host, "address to listen on");
  CLI::Option* bind_all = AddOption(serve, "bind-all", &options->bind_all,
                                    "listen on all interfaces; name the hosts by --allowed-hosts");
  bind_all->excludes("--host");
  AddOption(serve, "port", &options->port, "port to listen on; 0 takes a free one")
      ->check(Between(0, 65535));
  AddOption(serve, "allowed-hosts", &options->allowed_hosts,
            "further host names by which browsers may call this server")
      ->delimiter(',');
  AddOption(serve, "path-prefix", &options->path_prefix,
            "answer below this path alone, as /team/spirogram, behind a proxy that keeps it");
  AddOption(serve, "threads", &options->threads, "I/O threads; 0: one a core")
      ->check(Between(0, 256));
  AddOption(
      serve, "no-yield", &options->no_yield,
      "compute maps at normal priority, on a machine where nothing trains: else they give way, "
      "and sleep while a run is logged and the cores are wanted");
  AddOption(serve, "reload-interval-ms", &options->reload_interval_ms,
            "how often to look for new data where the system does not notify")
      ->check(Between(10, 3'600'000));
  AddOption(serve, "allow-ingest", &options->allow_ingest,
            "take in what programs send (POST /api/v1/ingest) also when listening beyond this "
            "machine; nothing asks who they are");
  AddOption(serve, "ingest-max-gb", &options->ingest_max_gb,
            "how much may be kept of what was sent, all runs together, in GiB")
      ->check(Between(0.0, 1e6));
  AddOption(serve, "keep-deleted-days", &options->keep_deleted_days,
            "purge the data of a deleted run after so many days; -1: never by itself")
      ->check(Between(-1.0, 36'500.0));
  AddOption(serve, "allow-delete-files", &options->allow_delete_files,
            "let a purge also delete the run's event files, where the request says so");
  AddOption(serve, "reserve-mib", &options->reserve_mib,
            "room kept in the data directory for the hour when its disk is full; 0: none")
      ->check(Between(0, 65'536));
}

void AddTrain(CLI::App* program, TrainOptions* options) {
  CLI::App* train = program->add_subcommand("train", "Train a reference model and log it");
  train->require_subcommand(1);
  train->footer(Examples(R"(  spirogram train recsys --logdir runs
  spirogram train mnist --data mnist --logdir runs
  spirogram train recsys --help                   every flag of a model)"));
  CLI::App* mnist = train->add_subcommand("mnist", "A perceptron on handwritten digits");
  mnist->footer(Examples(R"(  spirogram train mnist --data mnist --logdir runs
  spirogram train mnist --data mnist --epochs 3 --optimizer sgd --learning-rate 0.1 --run sgd)"));
  AddModelOptions(mnist, options);
  AddPathOption(mnist, "data", &options->data_dir, "folder with the four IDX files (*-ubyte.gz)")
      ->required();
  CLI::App* recsys =
      train->add_subcommand("recsys", "A wide & deep model on a click log made from the seed");
  recsys->footer(Examples(R"(  spirogram train recsys --logdir runs
  spirogram train recsys --steps 1000 --seed 7 --run seven
  spirogram train recsys --kill-relus --run sick          what `doctor` then finds
  spirogram train recsys --url http://box:6006            logs to a server)"));
  AddModelOptions(recsys, options);
  AddOption(recsys, "item-embedding-learning-rate-scale",
            &options->item_embedding_learning_rate_scale,
            "a fault to diagnose: far below 1, the items' rows hardly move")
      ->check(AtLeast(0.0));
  AddOption(recsys, "kill-relus", &options->kill_relus,
            StrCat("a fault to diagnose: units of hidden_1 die from step ", kDyingReluStep, " on"));
}

void AddDoctor(CLI::App* program, DoctorOptions* options) {
  CLI::App* doctor = program->add_subcommand("doctor", "Print what is wrong with the runs");
  doctor->footer(Examples(
      R"(  spirogram doctor runs                       what is wrong, with evidence and advice
  spirogram doctor runs --json | jq '.runs[].findings[]'
  spirogram doctor runs --fail-on warning     exit code 10 if there is such a finding: for CI)"));
  doctor->add_option("logdir", options->logdir, "folder with event files")
      ->required()
      ->check(HasName());
  AddOption(doctor, "json", &options->json, "print one JSON document");
  AddOption(doctor, "fail-on", &options->fail_on,
            "exit with 10 on findings this bad: info, warning or critical")
      ->check(OneOf({"info", "warning", "critical"}));
}

void AddDemo(CLI::App* program, DemoOptions* options) {
  CLI::App* demo = program->add_subcommand("demo", "A healthy and a faulty run, side by side");
  demo->footer(Examples(
      R"(  spirogram demo                        trains both, then serves them
  spirogram demo --no-serve --fresh     trains again, and exits when all is ready
  spirogram demo --data mnist           adds a run on the digits of MNIST)"));
  AddPathOption(demo, "dir", &options->dir, "where the demo's logs and database lie");
  AddPathOption(demo, "data", &options->mnist_dir,
                "folder with the MNIST files: adds a run on them");
  AddOption(demo, "no-serve", &options->no_serve, "exit when all is ready");
  AddOption(demo, "fresh", &options->fresh, "train again even where finished runs lie");
  AddOption(demo, "seconds", &options->seconds,
            "of training; less on a fast machine, and on a slow one more, until both faults show")
      ->check(Between(1.0, 86'400.0));
  AddOption(demo, "host", &options->host, "address to listen on");
  AddOption(demo, "port", &options->port, "port to listen on; 0 takes a free one")
      ->check(Between(0, 65535));
}

void AddExport(CLI::App* program, ExportOptions* options) {
  CLI::App* command =
      program->add_subcommand("export", "Write runs as CSV, JSON, Arrow or event files");
  command->footer(Examples(
      R"(  spirogram export runs --tag ^loss > loss.csv           every point of the tags that begin so
  spirogram export runs --wide --run ^a$ --out a.csv     a row per step, a column per tag
  spirogram export --data-dir DIR --format arrow --out all.arrow
  spirogram export runs --format events --out copies     everything, as event files again)"));
  command->add_option("logdir", options->logdir, "folder with event files, read anew")
      ->check(HasName());
  AddPathOption(command, "data-dir", &options->data_dir,
                "or the data directory of a server, which may be running");
  AddOption(command, "format", &options->format,
            "csv, json, jsonl, arrow: scalars; events: everything, as event files")
      ->check(OneOf({"csv", "json", "jsonl", "arrow", "events"}));
  AddPathOption(command, "out", &options->out, "file, - for stdout; a folder for events");
  AddOption(command, "run", &options->run, "regular expression that runs' names must contain");
  AddOption(command, "tag", &options->tag, "regular expression that tags must contain");
  // Without a default to show: those are the bounds of an integer.
  command->add_option("--from", options->from, "first step")
      ->check(AtLeast<int64_t>(INT64_MIN))
      ->envname(VariableOf("from"));
  command->add_option("--to", options->to, "last step")
      ->check(AtLeast<int64_t>(INT64_MIN))
      ->envname(VariableOf("to"));
  AddOption(command, "all", &options->all, "also points that a restarted run has superseded");
  AddOption(command, "wide", &options->wide, "CSV with a row per step and a column per tag");
}

void AddImport(CLI::App* program, transfer::ImportOptions* options) {
  CLI::App* command = program->add_subcommand(
      "import", "Make runs of tables (CSV, TSV, JSON) of metrics, and of PyTorch profiler traces");
  command->footer(
      Examples(R"(  spirogram import tuned.csv --logdir runs          makes the run "tuned"
  spirogram import log.jsonl --logdir runs --step iteration --time timestamp
  spirogram import more.csv --logdir runs --run tuned --append
  spirogram import /tmp/*.pt.trace.json.gz --logdir runs --run a --append
                                                    PyTorch traces; a server reads those that lie
                                                    in its logdir by itself)"));
  command->add_option("files", options->files, "files to read")->required();
  AddPathOption(command, "logdir", &options->logdir, "where the runs' folders are made")
      ->required()
      ->check(HasName());
  AddOption(command, "run", &options->run,
            "name of the run; of rows that name one, its folder (default: the file's name)");
  AddOption(command, "step", &options->step_column, "column of the step (default: by its name)");
  AddOption(command, "time", &options->time_column,
            "column of the time: seconds since 1970 or dates (default: by its name)");
  AddOption(command, "append", &options->append, "add to runs that are there already");
}

void AddMaintenance(CLI::App* program, BackupCommand* backup, CheckCommand* check,
                    std::string* compact_dir) {
  CLI::App* command =
      program->add_subcommand("backup", "Copy the database, also while a server writes it");
  command->footer(Examples(R"(  spirogram backup --data-dir DIR --out runs.sqlite)"));
  AddPathOption(command, "data-dir", &backup->data_dir, "data directory of the server")
      ->required()
      ->check(HasName());
  AddPathOption(command, "out", &backup->out, "file to make")->required();
  AddOption(command, "force", &backup->force, "overwrite a file that is there");
  command = program->add_subcommand("check", "Read every stored byte and say what is damaged");
  command->footer(Examples(
      R"(  spirogram check --data-dir DIR                    exit code 1 if anything is damaged
  spirogram check --data-dir DIR --logdir runs      also tells what the event files have besides)"));
  AddPathOption(command, "data-dir", &check->data_dir, "data directory, which a server may hold")
      ->required()
      ->check(HasName());
  AddPathOption(command, "logdir", &check->logdir, "also compare with the event files there")
      ->check(HasName());
  AddOption(command, "json", &check->json, "print one JSON document");
  command = program->add_subcommand(
      "compact", "Give back the room that deleted data has left; no server may run on it");
  command->footer(Examples(R"(  spirogram compact --data-dir DIR)"));
  AddPathOption(command, "data-dir", compact_dir, "data directory")->required()->check(HasName());
}

void AddUpload(CLI::App* program, UploadCommand* command) {
  CLI::App* upload = program->add_subcommand(
      "upload", "Send event files to a server; what it has already is not sent again");
  upload->footer(
      Examples(R"(  spirogram upload runs --url http://box:6006      every event file below runs/
  spirogram upload --url http://box:6006           what loggers have left in their spool)"));
  upload
      ->add_option("dir", command->options.dir,
                   "folder with event files, any depth (default: what loggers have left in the "
                   "spool for this server; it is removed once sent)")
      ->check(HasName());
  AddOption(upload, "url", &command->options.url, "the server, as http://HOST:PORT")->required();
  AddOption(upload, "run", &command->options.run,
            "name of the run in DIR itself, and put before the names of those below it");
  AddOption(upload, "remove", &command->options.removes_sent,
            "remove files that are wholly sent and that no logger writes");
  AddPathOption(upload, "spool-dir", &command->options.spool_dir,
                "where loggers spool (default: below ~/.cache/spirogram)");
  AddOption(upload, "timeout", &command->timeout_s,
            "seconds to wait for a server that is away before giving up")
      ->check(Between(0, 86'400));
}

}  // namespace spirogram::app
