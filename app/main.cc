// The program: parses the command line and hands over to a sub-command. All composition is in app/.
#include <CLI/CLI.hpp>
#include <cctype>
#include <cstdio>
#include <string>
#include <type_traits>
#include <vector>

#include "app/demo.h"
#include "app/doctor.h"
#include "app/exit_code.h"
#include "app/export.h"
#include "app/import.h"
#include "app/maintain.h"
#include "app/project.h"
#include "app/serve.h"
#include "app/train.h"
#include "app/upload.h"
#include "app/version.h"
#include "base/printable.h"
#include "base/str.h"
#include "mapping/picture.h"

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
  spirogram train recsys --url http://box:6006            log to a server (box: serve --bind_all
                                                          --allowed_hosts box --allow_ingest)
  spirogram project vectors.npy --out map.png             a t-SNE map with its quality
  spirogram upload runs --url http://box:6006             send what is there, or what a crash left

Every flag is also an environment variable (--data-dir is SPIROGRAM_DATA_DIR) and a line of the TOML
file given by --config, in a section named like the sub-command.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 permission, 5 unavailable (port or data
directory in use), 6 damaged data, 10 findings (doctor --fail-on), 130 interrupted (project).)";

// The parser takes -1 and 2^64 for the greatest number that there is.
const CLI::Validator kSeed(
    [](std::string& text) {
      if (ParseNumber<uint64_t>(text)) return std::string();
      return StrCat("got \"", ToPrintable(text), "\", want a whole number from 0 to ", UINT64_MAX);
    },
    "", "seed");

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
  AddOption(
      serve, "no-yield", &options->no_yield,
      "compute maps at normal priority, on a machine where nothing trains: else they give way, "
      "and sleep while a run is logged and the cores are wanted");
  AddOption(serve, "reload-interval-ms", &options->reload_interval_ms,
            "how often to look for new data where the system does not notify")
      ->check(CLI::Range(10, 3'600'000));
  AddOption(serve, "allow-ingest", &options->allow_ingest,
            "take in what programs send (POST /api/v1/ingest) also when listening beyond this "
            "machine; nothing asks who they are");
  AddOption(serve, "ingest-max-gb", &options->ingest_max_gb,
            "how much may be kept of what was sent, all runs together, in GiB")
      ->check(CLI::Range(0.0, 1e6));
  AddOption(serve, "keep-deleted-days", &options->keep_deleted_days,
            "purge the data of a deleted run after so many days; -1: never by itself")
      ->check(CLI::Range(-1.0, 36'500.0));
  AddOption(serve, "allow-delete-files", &options->allow_delete_files,
            "let a purge also delete the run's event files, where the request says so");
  AddOption(serve, "reserve-mib", &options->reserve_mib,
            "room kept in the data directory for the hour when its disk is full; 0: none")
      ->check(CLI::Range(0, 65'536));
}

void AddModelOptions(CLI::App* command, TrainOptions* options) {
  AddOption(command, "logdir", &options->logdir,
            "where the run's folder is made (default: runs; with --url only where it is given)");
  AddOption(command, "url", &options->url,
            "a Spirogram server that gets what is logged, as http://HOST:PORT; waits in a spool "
            "while the server is away");
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
  AddOption(command, "seed", &options->seed, "of weights, data and order")->check(kSeed);
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
  AddOption(doctor, "fail-on", &options->fail_on,
            "exit with 10 on findings this bad: info, warning or critical")
      ->check(CLI::IsMember({"info", "warning", "critical"}));
}

void AddDemo(CLI::App* program, DemoOptions* options) {
  CLI::App* demo = program->add_subcommand("demo", "A healthy and a faulty run, side by side");
  AddOption(demo, "dir", &options->dir, "where the demo's logs and database lie");
  AddOption(demo, "data", &options->mnist_dir, "folder with the MNIST files: adds a run on them");
  AddOption(demo, "no-serve", &options->no_serve, "exit when all is ready");
  AddOption(demo, "fresh", &options->fresh, "train again even where finished runs lie");
  AddOption(demo, "seconds", &options->seconds,
            "of training; on a slow machine it takes longer, until both faults show")
      ->check(CLI::Range(1.0, 86'400.0));
  AddOption(demo, "host", &options->host, "address to listen on");
  AddOption(demo, "port", &options->port, "port to listen on; 0 takes a free one")
      ->check(CLI::Range(0, 65535));
}

void AddExport(CLI::App* program, ExportOptions* options) {
  CLI::App* command =
      program->add_subcommand("export", "Write runs as CSV, JSON, Arrow or event files");
  command->add_option("logdir", options->logdir, "folder with event files, read anew");
  AddOption(command, "data-dir", &options->data_dir,
            "or the data directory of a server, which may be running");
  AddOption(command, "format", &options->format,
            "csv, json, jsonl, arrow: scalars; events: everything, as event files")
      ->check(CLI::IsMember({"csv", "json", "jsonl", "arrow", "events"}));
  AddOption(command, "out", &options->out, "file, - for stdout; a folder for events");
  AddOption(command, "run", &options->run, "regular expression that runs' names must contain");
  AddOption(command, "tag", &options->tag, "regular expression that tags must contain");
  command->add_option("--from", options->from, "first step");
  command->add_option("--to", options->to, "last step");
  AddOption(command, "all", &options->all, "also points that a restarted run has superseded");
  AddOption(command, "wide", &options->wide, "CSV with a row per step and a column per tag");
}

void AddImport(CLI::App* program, transfer::ImportOptions* options) {
  CLI::App* command = program->add_subcommand(
      "import", "Make runs of CSV files, JSON lines and JSON arrays of metrics");
  command->add_option("files", options->files, "files to read")->required();
  AddOption(command, "logdir", &options->logdir, "where the runs' folders are made")->required();
  AddOption(command, "run", &options->run, "name of the run; of rows that name one, its folder");
  AddOption(command, "step", &options->step_column, "column of the step (default: by its name)");
  AddOption(command, "time", &options->time_column,
            "column of the time, in seconds since 1970 (default: by its name)");
  AddOption(command, "append", &options->append, "add to runs that are there already");
}

void AddMaintenance(CLI::App* program, BackupCommand* backup, CheckCommand* check,
                    std::string* compact_dir) {
  CLI::App* command =
      program->add_subcommand("backup", "Copy the database, also while a server writes it");
  AddOption(command, "data-dir", &backup->data_dir, "data directory of the server")->required();
  AddOption(command, "out", &backup->out, "file to make")->required();
  AddOption(command, "force", &backup->force, "overwrite a file that is there");
  command = program->add_subcommand("check", "Read every stored byte and say what is damaged");
  AddOption(command, "data-dir", &check->data_dir, "data directory, which a server may hold")
      ->required();
  AddOption(command, "logdir", &check->logdir, "also compare with the event files there");
  AddOption(command, "json", &check->json, "print one JSON document");
  command = program->add_subcommand(
      "compact", "Give back the room that deleted data has left; no server may run on it");
  AddOption(command, "data-dir", compact_dir, "data directory")->required();
}

void AddUpload(CLI::App* program, UploadCommand* command) {
  CLI::App* upload = program->add_subcommand(
      "upload", "Send event files to a server; what it has already is not sent again");
  upload->add_option("dir", command->options.dir,
                     "folder with event files, any depth (default: what loggers have left in the "
                     "spool for this server; it is removed once sent)");
  AddOption(upload, "url", &command->options.url, "the server, as http://HOST:PORT")->required();
  AddOption(upload, "run", &command->options.run,
            "name of the run in DIR itself, and put before the names of those below it");
  AddOption(upload, "remove", &command->options.removes_sent,
            "remove files that are wholly sent and that no logger writes");
  AddOption(upload, "spool-dir", &command->options.spool_dir,
            "where loggers spool (default: below ~/.cache/spirogram)");
  AddOption(upload, "timeout", &command->timeout_s,
            "seconds to wait for a server that is away before giving up")
      ->check(CLI::Range(0, 86'400));
}

constexpr char kProjectFooter[] = R"(What can be read:
  .npy    real numbers, rows x columns, in C or Fortran order, of either byte order
  .csv    columns of numbers, with or without a header; columns of other things are metadata
  .tsv    the same, separated by tabs, without quotes (also .tab, .txt)
  .pbtxt  a projector_config.pbtxt of TensorBoard: the tensor that it names, with its metadata
  any     raw little-endian float32, with --shape
or an embedding of a run, by --data-dir, --run and --tag, also while a server runs.

Examples:
  spirogram project vectors.npy --out map.npy --json
  spirogram project iris.csv --colour-by species --perplexity 20 --out iris.png --out iris.csv
  spirogram project vectors.npy --method umap --neighbors 30 --min-dist 0.05 --out umap.png
  spirogram project words.tsv --metadata labels.tsv --metric cosine --out words.png --dark
  spirogram project table.bin --shape 60000x784 --method pca --out pca.npy
  spirogram project runs/a/projector_config.pbtxt --tensor items --out items.png
  spirogram project --data-dir DIR --run a --tag embeddings/items --colour-by genre --out items.png
  spirogram project new.npy --onto map.npy --reference vectors.npy --out new_map.npy
  spirogram project vectors.npy --start map.npy --iterations 200 --out longer.npy)";

void AddProjectInput(CLI::App* command, ProjectOptions* options) {
  mapping::InputOptions& input = options->input;
  command->add_option("file", input.file, "file with a row per point: .npy, .csv, .tsv, .pbtxt");
  AddOption(command, "shape", &input.shape, "rows and columns of raw float32, as 60000x784");
  AddOption(command, "header", &options->header,
            "whether the first line of a table names the columns: auto, yes or no")
      ->check(CLI::IsMember({"auto", "yes", "no"}));
  AddOption(command, "metadata-columns", &input.metadata_columns,
            "columns of numbers that are metadata and not part of the rows")
      ->delimiter(',')
      ->allow_extra_args(false);
  AddOption(
      command, "metadata", &input.metadata_file,
      "TSV with a line per row; the first line names the columns where it has a tab, else the "
      "one column is \"label\"");
  AddOption(command, "tensor", &input.tensor, "of a projector config that names several");
  AddOption(command, "data-dir", &input.data_dir, "data directory of a server, instead of FILE");
  AddOption(command, "run", &input.run, "name of the run in it");
  AddOption(command, "tag", &input.tag, "of the embedding, where the run has several");
  AddOption(command, "step", &options->step, "of the checkpoint (default: the newest)");
}

void AddProject(CLI::App* program, ProjectOptions* options) {
  CLI::App* command =
      program->add_subcommand("project", "Draw a map of rows, and say how true it is");
  command->footer(kProjectFooter);
  AddProjectInput(command, options);
  projector::TsneOptions& tsne = options->tsne;
  AddOption(command, "method", &options->method, "tsne, umap or pca");
  AddOption(command, "dims", &tsne.dims, "of the map: 2 or 3; of pca any")
      ->check(CLI::Range(1, 8192));
  CLI::Option* perplexity =
      AddOption(command, "perplexity", &tsne.perplexity,
                "t-SNE: about how many neighbours count; of few rows, unless said, a third of them")
          ->check(CLI::Range(1.0, 1e6));
  AddOption(command, "iterations", &tsne.iterations, "of t-SNE")->check(CLI::Range(1, 1'000'000));
  AddOption(command, "early-exaggeration-iterations", &options->early_exaggeration_iterations,
            "the first of them, which draw clusters together; -1: 250, or 0 with --start")
      ->check(CLI::Range(-1, 1'000'000));
  AddOption(command, "late-exaggeration", &tsne.late_exaggeration,
            "t-SNE: how much harder neighbours attract at the end; 2 to 4 tightens the clusters of "
            "large maps, and the KL divergence rises")
      ->check(CLI::Range(1.0, 1000.0));
  AddOption(command, "late-exaggeration-iterations", &tsne.late_exaggeration_iterations,
            "how many of the last iterations that lasts")
      ->check(CLI::Range(0, 1'000'000));
  AddOption(command, "kl-tolerance", &tsne.kl_tolerance,
            "t-SNE: stop once the KL divergence falls by less than this share in 50 iterations; 0: "
            "run them all")
      ->check(CLI::Range(0.0, 0.999));
  projector::UmapOptions& umap = options->umap;
  CLI::Option* neighbors =
      AddOption(command, "neighbors", &umap.neighbors,
                "UMAP: how many points, itself included, a point minds; of few rows, unless said, "
                "all")
          ->check(CLI::Range(2, 1'000'000));
  AddOption(command, "min-dist", &umap.min_dist,
            "UMAP: how near points may lie; less packs clusters tighter")
      ->check(CLI::Range(0.0, 1000.0));
  AddOption(command, "spread", &umap.spread, "UMAP: the scale of the map; at least --min-dist")
      ->check(CLI::Range(0.001, 1000.0));
  AddOption(command, "epochs", &umap.epochs, "of UMAP; 0: 500 up to 10,000 rows, else 200")
      ->check(CLI::Range(0, 100'000));
  AddOption(command, "epochs-before", &umap.epochs_before,
            "UMAP: epochs that --start has had; the learning rate goes on as in one run of both")
      ->check(CLI::Range(0, 10'000'000));
  AddOption(command, "negative-samples", &umap.negative_samples,
            "UMAP: points drawn at random that repel, for each attraction")
      ->check(CLI::Range(0, 1000));
  AddOption(command, "metric", &options->metric,
            "what is near: euclidean or cosine (of pca: for its quality alone)")
      ->check(CLI::IsMember({"euclidean", "cosine"}));
  AddOption(command, "init", &options->init,
            "start of t-SNE and UMAP: pca or random; of UMAP also spectral")
      ->check(CLI::IsMember({"spectral", "pca", "random"}));
  AddOption(command, "start", &options->start,
            "t-SNE and UMAP: begin from this map, a .npy of --out")
      ->check(CLI::ExistingFile);
  AddOption(command, "onto", &options->onto,
            "place the rows on this map, a .npy of --out, which stays as it is")
      ->check(CLI::ExistingFile);
  AddOption(command, "reference", &options->reference,
            "the rows that the map of --onto was drawn of: .npy, .csv, .tsv or .pbtxt")
      ->check(CLI::ExistingFile);
  AddOption(command, "seed", &tsne.seed, "the same seed gives the same map")->check(kSeed);
  AddOption(command, "device", &options->device,
            "auto, cpu or cuda: of t-SNE, start, neighbours, affinities and descent")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  AddOption(command, "threads", &tsne.threads, "0: one a core")->check(CLI::Range(0, 1024));
  AddOption(command, "yields", &options->yields, "take only the time that other programs leave");
  AddOption(command, "memory-gib", &options->memory_gib,
            "refuse what would take more; 0: what the machine has available")
      ->check(CLI::Range(0.0, 1e6));
  AddOption(command, "quality", &options->quality,
            "on or off: measure trustworthiness and recall, on a sample beyond 10,000 rows")
      ->check(CLI::IsMember({"on", "off"}));
  AddOption(command, "out", &options->out,
            "file to make, several times for several: .npy (N x dims float32), .csv (with the "
            "metadata) or .png")
      ->allow_extra_args(false);
  AddOption(command, "colour-by", &options->colour_by,
            "picture: column of metadata that colours it");
  AddOption(command, "size", &options->size, "picture: pixels of each side")
      ->check(CLI::Range(mapping::kPictureSizeMin, mapping::kPictureSizeMax));
  AddOption(command, "dark", &options->dark, "picture: on a dark ground");
  AddOption(command, "json", &options->json, "print one JSON object instead of a table");
  command->callback([options, perplexity, neighbors] {
    options->fits_perplexity = perplexity->empty();
    options->fits_neighbors = neighbors->empty();
  });
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
    // The library would only say that one is required.
    const std::vector<std::string> rest = program.remaining();
    if (program.get_subcommands().empty() && !rest.empty() && !rest[0].starts_with('-')) {
      std::fprintf(stderr, "spirogram: no sub-command \"%s\"; --help lists them\n",
                   rest[0].c_str());
      return kExitUsage;
    }
    return program.exit(error) == 0 ? kExitOk : kExitUsage;
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

int main(int argc, char** argv) {
  return spirogram::app::Main(argc, argv);
}
