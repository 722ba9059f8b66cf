#include "app/project_flags.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/flags.h"
#include "mapping/map_file.h"
#include "mapping/picture.h"

namespace spirogram::app {
namespace {

constexpr char kProjectFooter[] = R"(What can be read:
  .npy    real numbers, rows x columns, in C or Fortran order, of either byte order
  .csv    columns of numbers, with or without a header; columns of other things are metadata
  .tsv    the same, separated by tabs, without quotes (also .tab, .txt)
  .pbtxt  a projector_config.pbtxt of TensorBoard: the tensor that it names, with its metadata
  any     raw little-endian float32, with --shape
  -       the standard input: an array of NumPy, a CSV or a TSV by what it begins with, or --format
or an embedding of a run, by --data-dir, --run and --tag, also while a server runs.
Rows that hold NaN (empty cells among numbers count), Inf or a number beyond 1e30 and, for
cosine, rows of zeros are left out, named, and NaN in the map; where most are, it is an error.

Examples:
  spirogram project vectors.npy --out map.npy --json
  spirogram project iris.csv --colour-by species --perplexity 20 --out iris.png --out iris_map.csv
  spirogram project vectors.npy --method umap --neighbors 30 --min-dist 0.05 --out umap.png
  spirogram project words.tsv --metadata labels.tsv --metric cosine --out words.png --dark
  gunzip -c words.tsv.gz | spirogram project - --metric cosine --out words.png
  spirogram project table.bin --shape 60000x784 --method pca --out pca.npy
  spirogram project runs/a/projector_config.pbtxt --tensor items --out items.png
  spirogram project --data-dir DIR --run a --tag embeddings/items --colour-by genre --out items.png
  spirogram project new.npy --onto map.npy --reference vectors.npy --out new_map.npy
  spirogram project vectors.npy --start map.npy --iterations 200 --out longer.npy)";

void AddProjectInput(CLI::App* command, ProjectOptions* options) {
  mapping::InputOptions& input = options->input;
  command->add_option(
      "file", input.file,
      "file with a row per point: .npy, .csv, .tsv, .pbtxt; - is the standard input");
  AddOption(command, "format", &input.format,
            "npy, csv or tsv, whatever the name says (default: by the name; of the standard input "
            "by what it begins with)")
      ->check(OneOf({"npy", "csv", "tsv"}));
  AddOption(command, "shape", &input.shape, "rows and columns of raw float32, as 60000x784");
  AddOption(command, "header", &options->header,
            "whether the first line of a table names the columns: auto, yes or no")
      ->check(OneOf({"auto", "yes", "no"}));
  AddOption(command, "metadata-columns", &input.metadata_columns,
            "columns of numbers that are metadata and not part of the rows")
      ->delimiter(',')
      ->allow_extra_args(false);
  AddPathOption(
      command, "metadata", &input.metadata_file,
      "TSV with a line per row; the first line names the columns where it has a tab, else the "
      "one column is \"label\"");
  AddOption(command, "tensor", &input.tensor, "of a projector config that names several");
  AddPathOption(command, "data-dir", &input.data_dir,
                "data directory of a server, instead of FILE");
  AddOption(command, "run", &input.run, "name of the run in it");
  AddOption(command, "tag", &input.tag, "of the embedding, where the run has several");
  AddOption(command, "step", &options->step, "of the checkpoint (default: the newest)");
}

void AddTsne(CLI::App* command, ProjectOptions* options) {
  projector::TsneOptions& tsne = options->tsne;
  AddOption(command, "perplexity", &tsne.perplexity,
            "t-SNE: about how many neighbours count; of few rows, unless said, a third of them")
      ->check(Between(1.0, 1e6));
  AddOption(command, "iterations", &tsne.iterations, "of t-SNE")->check(Between(1, 1'000'000));
  AddOption(command, "early-exaggeration-iterations", &options->early_exaggeration_iterations,
            "the first of them, which draw clusters together; -1: 250 or, of fewer than 500, half, "
            "and 0 with --start")
      ->check(Between(-1, 1'000'000));
  AddOption(command, "late-exaggeration", &tsne.late_exaggeration,
            "t-SNE: how much harder neighbours attract at the end; 2 to 4 tightens the clusters of "
            "large maps, and the KL divergence rises")
      ->check(Between(1.0, 1000.0));
  AddOption(command, "late-exaggeration-iterations", &tsne.late_exaggeration_iterations,
            "how many of the last iterations that lasts")
      ->check(Between(0, 1'000'000));
  AddOption(command, "kl-tolerance", &tsne.kl_tolerance,
            "t-SNE: stop once the KL divergence falls by less than this share in 50 iterations; 0: "
            "run them all")
      ->check(Between(0.0, 0.999));
}

void AddUmap(CLI::App* command, ProjectOptions* options) {
  projector::UmapOptions& umap = options->umap;
  AddOption(command, "neighbors", &umap.neighbors,
            "UMAP: how many points, itself included, a point minds; of few rows, unless said, all")
      ->check(Between(2, 1'000'000));
  AddOption(command, "min-dist", &umap.min_dist,
            "UMAP: how near points may lie; less packs clusters tighter")
      ->check(Between(0.0, 1000.0));
  AddOption(command, "spread", &umap.spread, "UMAP: the scale of the map; at least --min-dist")
      ->check(Between(0.001, 1000.0));
  AddOption(command, "epochs", &umap.epochs, "of UMAP; 0: 500 up to 10,000 rows, else 200")
      ->check(Between(0, 100'000));
  AddOption(command, "epochs-before", &umap.epochs_before,
            "UMAP: epochs that --start has had; the learning rate goes on as in one run of both")
      ->check(Between(0, 10'000'000));
  AddOption(command, "negative-samples", &umap.negative_samples,
            "UMAP: points drawn at random that repel, for each attraction")
      ->check(Between(0, 1000));
}

// What all methods share.
void AddCommon(CLI::App* command, ProjectOptions* options) {
  AddOption(command, "metric", &options->metric,
            "what is near: euclidean or cosine (of pca: for its quality alone)")
      ->check(OneOf({"euclidean", "cosine"}));
  AddOption(command, "init", &options->init,
            "start of t-SNE and UMAP: pca or random; of UMAP also spectral")
      ->check(OneOf({"spectral", "pca", "random"}));
  AddPathOption(command, "start", &options->start,
                "t-SNE and UMAP: begin from this map, a .npy of --out")
      ->check(CLI::ExistingFile);
  AddPathOption(command, "onto", &options->onto,
                "place the rows on this map, a .npy of --out, which stays as it is")
      ->check(CLI::ExistingFile);
  AddPathOption(command, "reference", &options->reference,
                "the rows that the map of --onto was drawn of: .npy, .csv, .tsv or .pbtxt")
      ->check(CLI::ExistingFile);
  AddOption(command, "seed", &options->tsne.seed, "the same seed gives the same map")
      ->check(AtLeast<uint64_t>(0));
  AddOption(command, "device", &options->device,
            "auto, cpu or cuda: of t-SNE, start, neighbours, affinities and descent")
      ->check(OneOf({"auto", "cpu", "cuda"}));
  AddOption(command, "threads", &options->tsne.threads, "0: one a core")->check(Between(0, 1024));
  AddOption(command, "yields", &options->yields, "take only the time that other programs leave");
  AddOption(command, "memory-gib", &options->memory_gib,
            "refuse what would take more; 0: what the machine has available")
      ->check(Between(0.0, 1e6));
  AddOption(command, "quality", &options->quality,
            "on or off: measure trustworthiness and recall, on a sample beyond 10,000 rows")
      ->check(OneOf({"on", "off"}));
}

void AddProjectOutput(CLI::App* command, ProjectOptions* options) {
  AddPathOption(command, "out", &options->out,
                "file to make, several times for several: .npy (N x dims float32), .csv (with the "
                "metadata) or .png")
      ->allow_extra_args(false);
  AddOption(command, "colour-by", &options->colour_by,
            "picture: column of metadata that colours it");
  AddOption(command, "size", &options->size, "picture: pixels of each side")
      ->check(Between(mapping::kPictureSizeMin, mapping::kPictureSizeMax));
  AddOption(command, "dark", &options->dark, "picture: on a dark ground");
  AddOption(command, "json", &options->json, "print one JSON object instead of a table");
}

struct FlagsOfMethods {
  std::vector<std::string_view> methods;
  std::vector<const char*> flags;
};
const std::vector<FlagsOfMethods>& MethodFlags() {
  static const std::vector<FlagsOfMethods> flags = {
      {{"tsne"},
       {"--perplexity", "--iterations", "--early-exaggeration-iterations", "--late-exaggeration",
        "--late-exaggeration-iterations", "--kl-tolerance"}},
      {{"umap"},
       {"--neighbors", "--min-dist", "--spread", "--epochs", "--epochs-before",
        "--negative-samples"}},
      {{"tsne", "umap"}, {"--init"}}};
  return flags;
}

// The flags that were given and change nothing. Told, not refused: whoever draws one file by each
// method in turn gives all of them the same flags.
std::vector<std::string> UnusedFlags(const CLI::App& command, const ProjectOptions& options) {
  const auto is_given = [&](const char* flag) { return !command.get_option(flag)->empty(); };
  std::vector<std::string> unused;
  const bool places = !options.onto.empty();
  for (const auto& [methods, flags] : MethodFlags()) {
    const bool has = std::find(methods.begin(), methods.end(), options.method) != methods.end();
    if (has && !places) continue;
    const std::string where = places ? "--onto" : StrCat("--method ", options.method);
    for (const char* flag : flags) {
      if (is_given(flag)) unused.push_back(StrCat(flag, " is of no use to ", where));
    }
  }
  const char* given = "--late-exaggeration";
  const char* missing = "--late-exaggeration-iterations";
  if (is_given(missing)) std::swap(given, missing);
  if (options.method == "tsne" && !places && is_given(given) && !is_given(missing)) {
    unused.push_back(StrCat(given, " is of no use without ", missing));
  }
  const bool draws = std::any_of(options.out.begin(), options.out.end(), [](const auto& path) {
    const auto format = mapping::FormatOfPath(path);
    return format.ok() && *format == mapping::MapFormat::kPng;
  });
  for (const char* flag : {"--colour-by", "--size", "--dark"}) {
    if (is_given(flag) && !draws) unused.push_back(StrCat(flag, " is of no use without a .png"));
  }
  return unused;
}

}  // namespace

void AddProject(CLI::App* program, ProjectOptions* options) {
  CLI::App* command =
      program->add_subcommand("project", "Draw a map of rows, and say how true it is");
  command->footer(kProjectFooter);
  AddProjectInput(command, options);
  AddOption(command, "method", &options->method, "tsne, umap or pca");
  AddOption(command, "dims", &options->tsne.dims, "of the map: 2 or 3; of pca any")
      ->check(Between(1, 8192));
  AddTsne(command, options);
  AddUmap(command, options);
  AddCommon(command, options);
  AddProjectOutput(command, options);
  command->callback([command, options] {
    options->unused_flags = UnusedFlags(*command, *options);
    options->fits_perplexity = command->get_option("--perplexity")->empty();
    options->fits_neighbors = command->get_option("--neighbors")->empty();
  });
}

}  // namespace spirogram::app
