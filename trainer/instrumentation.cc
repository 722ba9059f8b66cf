#include "trainer/instrumentation.h"

#include <algorithm>

#include "trainer/model_summary.h"

namespace spirogram::trainer {
namespace {

constexpr int kUnitWindowSamplesMin = 1'024;  // docs/formats.md

bool IsDue(Step step, int interval) {
  return interval > 0 && step % interval == 0;
}

}  // namespace

Instrumentation::Instrumentation(Backend& backend, logger::Logger& logger, Task& task,
                                 const TrainOptions& options)
    : backend_(backend),
      logger_(logger),
      task_(task),
      intervals_(options.log),
      batch_(options.batch),
      wide_tables_(task.model().wide_tables()),
      wide_squares_(backend, 3) {
  for (DenseLayer* layer : task.model().layers()) layers_.emplace_back(backend, logger, *layer);
  if (intervals_.units > 0) {
    const int steps_min = (kUnitWindowSamplesMin + batch_ - 1) / batch_;
    intervals_.units = std::max(intervals_.units, steps_min);
    for (LayerWatch& layer : layers_) layer.WatchUnits();
  }
  for (EmbeddingTable* table : task.model().tables()) {
    tables_.emplace_back(backend, logger, *table, task.Metadata(table->name()));
  }
}

void Instrumentation::Start() {
  logger_.Text("model", 0, DescribeModel(task_.model()));
  if (intervals_.embeddings > 0) LogEmbeddings(0);
}

void Instrumentation::AfterStep(Step step) {
  if (intervals_.rows > 0) {
    for (TableWatch& table : tables_) table.Accumulate();
  }
  if (IsDue(step, intervals_.layers)) {
    for (LayerWatch& layer : layers_) layer.LogNorms(step);
    for (TableWatch& table : tables_) table.LogNorms(step);
    for (const EmbeddingTable* table : wide_tables_) {
      LogTableNorms(backend_, logger_, *table, wide_squares_, step);
    }
  }
  if (IsDue(step, intervals_.histograms)) {
    for (LayerWatch& layer : layers_) layer.LogHistograms(step);
    for (TableWatch& table : tables_) table.LogHistograms(step);
  }
  if (IsDue(step, intervals_.units)) LogUnits(step);
  if (IsDue(step, intervals_.rows)) LogRows(step);
  if (IsDue(step, intervals_.embeddings)) LogEmbeddings(step);
}

void Instrumentation::Finish(Step last_step) {
  if (last_step == 0) return;
  if (intervals_.units > 0 && units_logged_ == 0) LogUnits(last_step);
  if (intervals_.rows > 0 && rows_logged_ == 0) LogRows(last_step);
  if (intervals_.embeddings > 0 && embeddings_logged_ != last_step) LogEmbeddings(last_step);
}

void Instrumentation::LogUnits(Step step) {
  const Window window{units_logged_ + 1, static_cast<double>((step - units_logged_) * batch_)};
  for (LayerWatch& layer : layers_) layer.LogUnits(step, window);
  units_logged_ = step;
}

void Instrumentation::LogRows(Step step) {
  const Window window{rows_logged_ + 1, static_cast<double>((step - rows_logged_) * batch_)};
  for (TableWatch& table : tables_) table.LogRows(step, window);
  rows_logged_ = step;
}

void Instrumentation::LogEmbeddings(Step step) {
  for (TableWatch& table : tables_) table.LogEmbedding(step);
  task_.LogSamples(logger_, step);
  embeddings_logged_ = step;
}

}  // namespace spirogram::trainer
