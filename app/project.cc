#include "app/project.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "app/exit_code.h"
#include "app/map_progress.h"
#include "app/signals.h"
#include "base/printable.h"
#include "base/str.h"
#include "mapping/colouring.h"
#include "mapping/map_file.h"
#include "mapping/picture.h"
#include "mapping/placement.h"
#include "mapping/report.h"
#include "transfer/output_file.h"

namespace spirogram::app {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Output {
  mapping::MapFormat format;
  std::string path;
  transfer::OutputFile file;
};

// One name for a file, however it is spelled and whichever links lead to it.
std::filesystem::path OneName(const std::string& path) {
  std::error_code error;
  std::filesystem::path whole =
      std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error);
  return error ? std::filesystem::path(path) : whole;
}

// The rows that a map is drawn of may stand nowhere else.
Status CheckNotRead(const std::string& out, const ProjectOptions& options) {
  for (const std::string& read :
       {options.input.file, options.input.metadata_file, options.onto, options.reference}) {
    if (read.empty() || OneName(read) != OneName(out)) continue;
    return InvalidArgument(StrCat("--out ", out, ": is read too, and would be overwritten"));
  }
  return {};
}

// Opened before anything is computed: a folder that cannot be written should be told at once.
Result<std::vector<Output>> OpenOutputs(const ProjectOptions& options) {
  std::vector<Output> outputs;
  std::set<std::filesystem::path> paths;
  for (const std::string& path : options.out) {
    if (!paths.insert(OneName(path)).second) {
      return InvalidArgument(StrCat("--out ", path, " stands twice"));
    }
    RETURN_IF_ERROR(CheckNotRead(path, options));
    ASSIGN_OR_RETURN(const mapping::MapFormat format, mapping::FormatOfPath(path));
    if (format == mapping::MapFormat::kPng && options.tsne.dims < 2) {
      return InvalidArgument(StrCat("--out ", path, ": a picture wants --dims of at least 2"));
    }
    ASSIGN_OR_RETURN(transfer::OutputFile file, transfer::OutputFile::Create(path));
    outputs.push_back({format, path, std::move(file)});
  }
  return outputs;
}

Status ParseInput(const ProjectOptions& options, mapping::InputOptions* input) {
  using Header = mapping::TextTableOptions::Header;
  input->header = options.header == "yes"  ? Header::kYes
                  : options.header == "no" ? Header::kNo
                                           : Header::kAuto;
  // What colours the map is not part of what it is made of.
  input->colour_by = options.colour_by;
  // Of new rows and those that they are placed among, one table may have labels and the other none.
  input->may_lack_columns = !options.onto.empty();
  if (options.step.empty()) return {};
  const auto step = ParseNumber<Step>(options.step);
  if (!step) return InvalidArgument(StrCat("--step: got \"", options.step, "\", want a number"));
  input->step = *step;
  return {};
}

Result<mapping::Method> ParseMethod(const std::string& name) {
  for (const auto method :
       {mapping::Method::kTsne, mapping::Method::kUmap, mapping::Method::kPca}) {
    if (name == mapping::MethodName(method)) return method;
  }
  return InvalidArgument(StrCat("--method: got \"", name, "\", want tsne, umap or pca"));
}

Result<mapping::MapOptions> ParseMapOptions(const ProjectOptions& options) {
  mapping::MapOptions map;
  map.tsne = options.tsne;
  map.umap = options.umap;
  ASSIGN_OR_RETURN(map.method, ParseMethod(options.method));
  if (options.metric == "cosine") map.tsne.metric = projector::Metric::kCosine;
  if (options.init == "random") map.tsne.init = projector::TsneOptions::Init::kRandom;
  if (options.init == "spectral") {
    if (map.method != mapping::Method::kUmap) {
      return InvalidArgument("--init spectral: is UMAP's, want --method umap with it");
    }
    map.tsne.init = projector::TsneOptions::Init::kSpectral;
  }
  if (options.yields) map.tsne.courtesy = projector::Courtesy::kStepAside;
  if (options.device == "cpu") map.tsne.device = projector::Device::kCpu;
  if (options.device == "cuda") map.tsne.device = projector::Device::kCuda;
  if (options.device == "cuda" && map.method != mapping::Method::kTsne) {
    return InvalidArgument(
        StrCat("--device cuda: ", mapping::MethodFullName(map.method), " is computed on the CPU"));
  }
  if (!options.start.empty() && map.method == mapping::Method::kPca) {
    return InvalidArgument(
        "--start: principal components have no start, want --method tsne or umap");
  }
  if (options.early_exaggeration_iterations >= 0) {
    map.tsne.early_exaggeration_iterations = options.early_exaggeration_iterations;
  } else {
    map.tsne.early_exaggeration_iterations =
        options.start.empty() ? projector::EarlyExaggerationIterations(map.tsne.iterations) : 0;
  }
  map.with_quality = options.quality == "on";
  return map;
}

Result<std::string> Encode(const Output& output, const mapping::Table& table,
                           const mapping::Map& map, const mapping::Colouring& colouring,
                           const ProjectOptions& options) {
  switch (output.format) {
    case mapping::MapFormat::kNpy:
      return mapping::MapToNpy(map);
    case mapping::MapFormat::kCsv:
      return mapping::MapToCsv(table, map);
    case mapping::MapFormat::kPng:
      return mapping::DrawMap(map, colouring,
                              {options.size, options.dark, mapping::Caption(table, map)});
  }
  return Internal("a format without a writer");
}

// All files, or none: they get their names once the last is whole.
Status Write(std::vector<Output>* outputs, const mapping::Table& table, const mapping::Map& map,
             const mapping::Colouring& colouring, const ProjectOptions& options,
             const std::stop_token& stop) {
  for (Output& output : *outputs) {
    ASSIGN_OR_RETURN(const std::string bytes, Encode(output, table, map, colouring, options));
    if (stop.stop_requested()) return Cancelled("writing was cancelled");
    RETURN_IF_ERROR(output.file.Append(bytes));
  }
  for (Output& output : *outputs) RETURN_IF_ERROR(output.file.Commit());
  return {};
}

// The defaults are made for many rows. What was asked for is not changed, but refused. Of rows too
// few for any map nothing is told: the method says so.
void FitToRows(const ProjectOptions& options, int64_t points, mapping::MapOptions* map,
               MapProgressLine* line) {
  const int64_t third = (points - 1) / 3;
  const auto perplexity_max = static_cast<double>(std::max<int64_t>(1, third));
  if (options.fits_perplexity && map->method == mapping::Method::kTsne &&
      map->tsne.perplexity > perplexity_max) {
    map->tsne.perplexity = perplexity_max;
    if (third >= 1) {
      line->Note(StrCat("perplexity ", perplexity_max, ", a third of the other points: there are ",
                        points, " rows"));
    }
  }
  const int neighbors_max = static_cast<int>(std::clamp<int64_t>(points, 2, INT32_MAX));
  if (options.fits_neighbors && map->method == mapping::Method::kUmap &&
      map->umap.neighbors > neighbors_max) {
    map->umap.neighbors = neighbors_max;
    if (points >= 2) line->Note(StrCat("neighbours ", neighbors_max, ", all rows"));
  }
}

// Placing knows one way: what asks for another is refused rather than passed over.
Status CheckPlacement(const ProjectOptions& options, const mapping::MapOptions& map) {
  if (options.onto.empty() != options.reference.empty()) {
    return InvalidArgument(
        "--onto MAP.npy and --reference FILE, the rows that it was drawn of, go together");
  }
  if (options.onto.empty()) return {};
  if (map.method != mapping::Method::kTsne || !options.start.empty() || options.device == "cuda" ||
      map.tsne.metric != projector::Metric::kEuclidean) {
    return InvalidArgument(
        "--onto: rows are placed by Euclidean distances on the CPU, whatever drew the map: "
        "without --method, --start, --device and --metric");
  }
  if (!options.input.file.empty()) return {};
  return InvalidArgument("--onto: wants the new rows as a file");
}

Result<mapping::Map> Place(const ProjectOptions& options, const mapping::Table& table,
                           const mapping::MapOptions& map, MapProgressLine* line,
                           const std::stop_token& stop) {
  mapping::InputOptions input = options.input;
  input.file = options.reference;
  input.shape.clear();
  input.format.clear();
  input.metadata_file.clear();
  ASSIGN_OR_RETURN(const mapping::Table reference, mapping::ReadInput(input, stop));
  ASSIGN_OR_RETURN(const std::vector<float> onto,
                   mapping::ReadPlaces(options.onto, reference, map.tsne.dims));
  return mapping::PlaceRows(
      table, reference, onto, map,
      [line](const mapping::MapProgress& progress) { line->Show(progress); }, stop);
}

Result<std::string> Run(ProjectOptions* options, MapProgressLine* line,
                        const std::stop_token& stop) {
  const auto begin = Clock::now();
  ASSIGN_OR_RETURN(mapping::MapOptions map_options, ParseMapOptions(*options));
  RETURN_IF_ERROR(CheckPlacement(*options, map_options));
  RETURN_IF_ERROR(ParseInput(*options, &options->input));
  for (const std::string& unused : options->unused_flags) line->Note(unused);
  ASSIGN_OR_RETURN(std::vector<Output> outputs, OpenOutputs(*options));
  constexpr double kGibibyte = 1 << 30;
  map_options.bytes_max = options->memory_gib > 0
                              ? static_cast<int64_t>(options->memory_gib * kGibibyte)
                              : mapping::AvailableMemoryBytes();
  options->input.bytes_max = map_options.bytes_max;
  options->input.metric = map_options.tsne.metric;
  line->Show({"reading", std::nan(""), std::nan("")});
  ASSIGN_OR_RETURN(const mapping::Table table, mapping::ReadInput(options->input, stop));
  for (const std::string& note : table.notes) line->Note(note);
  // Before the work: a column that is not there should be told at once.
  ASSIGN_OR_RETURN(const mapping::Colouring colouring,
                   mapping::ColourBy(table, options->colour_by, mapping::ThemeOf(options->dark)));
  if (options->onto.empty()) FitToRows(*options, table.matrix().points, &map_options, line);
  std::vector<float> start;
  if (!options->start.empty()) {
    ASSIGN_OR_RETURN(start, mapping::ReadPlaces(options->start, table, map_options.tsne.dims));
    map_options.tsne.init = projector::TsneOptions::Init::kGiven;
    map_options.tsne.start = start;
  }
  mapping::Report report;
  report.read_seconds = SecondsSince(begin);
  const auto show = [line](const mapping::MapProgress& progress) { line->Show(progress); };
  ASSIGN_OR_RETURN(const mapping::Map map, options->onto.empty()
                                               ? mapping::ComputeMap(table, map_options, show, stop)
                                               : Place(*options, table, map_options, line, stop));
  const auto write_begin = Clock::now();
  line->Show({"writing", std::nan(""), std::nan("")});
  RETURN_IF_ERROR(Write(&outputs, table, map, colouring, *options, stop));
  report.write_seconds = SecondsSince(write_begin);
  report.total_seconds = SecondsSince(begin);
  report.table = &table;
  report.map = &map;
  report.options = &map_options;
  report.outputs = options->out;
  return options->json ? mapping::ReportToJson(report) + "\n"
                       : ToPrintable(mapping::ReportToText(report));
}

}  // namespace

int Project(ProjectOptions options) {
  const SignalStop signals;
  MapProgressLine line;
  const Result<std::string> report = Run(&options, &line, signals.token());
  line.End();
  if (report.ok()) {
    std::fputs(report->c_str(), stdout);
    return FlushStdout();
  }
  if (report.error().code == ErrorCode::kCancelled) {
    std::fputs("spirogram: cancelled, nothing was written\n", stderr);
    return signals.exit_code();
  }
  return ReportError(report.error());
}

}  // namespace spirogram::app
