#include "trainer/watches.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/str.h"

namespace spirogram::trainer {
namespace {

constexpr int kUnitColumns = 3;
constexpr int kRowColumns = 4;

// Row `row` of a tensor of totals.
float* Column(const Tensor& totals, int row) {
  return totals.data() + static_cast<ptrdiff_t>(row) * totals.columns();
}

// Downloads the totals as columns and sets them to 0 for the next window.
std::vector<std::vector<float>> TakeColumns(Backend& backend, const Tensor& totals) {
  const std::vector<float> all = totals.Download();
  backend.Fill(totals.data(), totals.size(), 0);
  std::vector<std::vector<float>> columns;
  const auto width = static_cast<ptrdiff_t>(totals.columns());
  for (auto begin = all.begin(); begin != all.end(); begin += width) {
    columns.emplace_back(begin, begin + width);
  }
  return columns;
}

void LogRatio(logger::Logger& logger, const std::string& tag, Step step, double update,
              double weight) {
  if (weight != 0) logger.Scalar(tag, step, update / weight);  // NaN is worth knowing
}

}  // namespace

LayerWatch::LayerWatch(Backend& backend, logger::Logger& logger, DenseLayer& layer)
    : backend_(backend),
      logger_(logger),
      layer_(layer),
      prefix_(StrCat("layers/", layer.name(), "/")),
      totals_(backend, kUnitColumns, layer.units()),
      squares_(backend, 6) {}

void LayerWatch::WatchUnits() {
  layer_.Watch({.active_count = Column(totals_, 0),
                .abs_activation = Column(totals_, 1),
                .abs_gradient = Column(totals_, 2)});
}

void LayerWatch::LogNorms(Step step) {
  float* out = squares_.data();
  for (const Parameter* parameter : {&layer_.weight, &layer_.bias}) {
    for (const Tensor* tensor : {&parameter->gradient, &parameter->value, &parameter->update}) {
      backend_.SquareSum(tensor->data(), tensor->size(), out++);
    }
  }
  const std::vector<float> squares = squares_.Download();
  const double gradient = std::sqrt(squares[0] + squares[3]);
  const double value = std::sqrt(squares[1] + squares[4]);
  const double update = std::sqrt(squares[2] + squares[5]);
  logger_.Scalar(prefix_ + "gradient_norm", step, gradient);
  logger_.Scalar(prefix_ + "weight_norm", step, value);
  LogRatio(logger_, prefix_ + "update_ratio", step, update, value);
}

void LayerWatch::LogUnits(Step step, const Window& window) {
  logger::EntityStats stats;
  stats.entity = logger::EntityStats::Entity::kUnit;
  stats.first_step = window.first_step;
  stats.samples = window.samples;
  stats.columns = {"active_count", "abs_activation", "abs_gradient"};
  stats.values = TakeColumns(backend_, totals_);
  stats.attributes = {{"activation", ActivationName(layer_.activation())}};

  double active = 0;
  double dead = 0;
  for (const float count : stats.values[0]) {
    active += count;
    dead += count == 0 ? 1 : 0;
  }
  const auto units = static_cast<double>(layer_.units());
  logger_.Scalar(prefix_ + "zero_fraction", step, 1 - active / (units * window.samples));
  logger_.Scalar(prefix_ + "dead_fraction", step, dead / units);
  logger_.Stats(prefix_ + "units", step, std::move(stats));
}

void LayerWatch::LogHistograms(Step step) {
  const Matrix output = layer_.output();
  std::vector<float> activations(static_cast<size_t>(output.rows) *
                                 static_cast<size_t>(output.columns));
  backend_.Download(activations.data(), output.data, activations.size() * sizeof(float));
  logger_.HistogramLater(prefix_ + "activations", step, std::move(activations));
  logger_.HistogramLater(prefix_ + "gradients", step, layer_.weight.gradient.Download());
  logger_.HistogramLater(prefix_ + "weights", step, layer_.weight.value.Download());
}

TableWatch::TableWatch(Backend& backend, logger::Logger& logger, EmbeddingTable& table,
                       const logger::EmbeddingMetadata* metadata)
    : backend_(backend),
      logger_(logger),
      table_(table),
      metadata_(metadata),
      tag_(StrCat("embeddings/", table.name())),
      totals_(backend, kRowColumns, table.rows()),
      squares_(backend, 3) {}

void TableWatch::Accumulate() {
  backend_.AddRowActivity(table_.groups(), table_.gradient(), table_.update(),
                          {Column(totals_, 0), Column(totals_, 1), Column(totals_, 2)});
}

void TableWatch::LogNorms(Step step) {
  LogTableNorms(backend_, logger_, table_, squares_, step);
}

void TableWatch::LogRows(Step step, const Window& window) {
  backend_.RowNorms(table_.table.All(), Column(totals_, 3));
  logger::EntityStats stats;
  stats.entity = logger::EntityStats::Entity::kRow;
  stats.first_step = window.first_step;
  stats.samples = window.samples;
  stats.columns = {"touches", "gradient_square", "update_norm", "row_norm"};
  stats.values = TakeColumns(backend_, totals_);
  logger_.Stats(tag_ + "/rows", step, std::move(stats));
}

void TableWatch::LogHistograms(Step step) {
  logger_.HistogramLater(tag_ + "/weights", step, table_.table.Download());
}

void TableWatch::LogEmbedding(Step step) {
  logger_.Embedding(tag_, step, table_.table.Download(), table_.rows(), table_.dims(), metadata_);
}

void LogTableNorms(Backend& backend, logger::Logger& logger, const EmbeddingTable& table,
                   const Buffer<float>& squares, Step step) {
  const Matrix gradient = table.gradient();
  const Matrix update = table.update();
  const size_t touched = static_cast<size_t>(gradient.rows) * static_cast<size_t>(gradient.columns);
  backend.SquareSum(gradient.data, touched, squares.data());
  backend.SquareSum(table.table.data(), table.table.size(), squares.data() + 1);
  backend.SquareSum(update.data, touched, squares.data() + 2);
  const std::vector<float> values = squares.Download();
  const std::string prefix = StrCat("embeddings/", table.name(), "/");
  logger.Scalar(prefix + "gradient_norm", step, std::sqrt(values[0]));
  LogRatio(logger, prefix + "update_ratio", step, std::sqrt(values[2]), std::sqrt(values[1]));
}

}  // namespace spirogram::trainer
