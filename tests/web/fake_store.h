// A store in memory: what a test puts in is what Read calls answer. Nothing is computed but what
// the contract of store/store.h promises of names and ranges.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "store/store.h"

namespace spirogram::testing {

class FakeStore : public store::Store {
 public:
  using Key = std::pair<store::RunId, std::string>;

  // Set before the server starts.
  std::vector<store::Run> runs;
  std::vector<store::Run> deleted_runs;
  std::vector<store::RunSize> run_sizes;
  std::vector<store::RunChange> run_changes;
  std::vector<store::Tag> tags;
  std::vector<store::Warning> warnings;
  std::map<Key, store::ScalarRows> scalars;
  std::map<Key, std::vector<store::Histogram>> histograms;
  std::map<Key, std::vector<store::Text>> texts;
  std::map<Key, std::vector<store::ImageInfo>> images;
  std::map<Key, std::string> image_bytes;
  std::vector<store::RunHparams> hparams;
  std::map<Key, std::vector<store::Embedding>> embeddings;
  store::EmbeddingMetadata metadata;
  std::map<Key, std::vector<store::EntityStats>> entity_stats;
  store::ProfileSlices profile;
  store::PhaseTimes phase_times;
  std::vector<store::KernelTotal> kernels;
  std::vector<store::ProfileNote> notes;
  store::Diagnosis diagnosis;
  std::map<Key, store::TagMetadata> tag_metadata;
  std::map<Key, std::vector<store::AudioClip>> audio;
  std::map<Key, std::string> audio_bytes;
  std::map<Key, std::vector<store::PrCurve>> pr_curves;
  std::map<Key, store::MeshSeries> meshes;
  std::map<Key, store::Mesh> mesh;
  store::CustomScalarLayout layout;
  std::vector<store::GraphInfo> graphs;
  std::map<Key, std::string> graph_bytes;
  std::map<Key, store::TensorValue> tensors;
  store::HparamsData hparams_data;
  std::vector<store::ProjectorTensor> projector_tensors;
  std::map<Key, std::string> projector_assets;
  store::LoadProgress progress;
  store::StorageState storage_state;
  store::StorageUse storage_use;
  Status failure;  // what ReadRuns answers when it is not ok

  FakeStore();
  ~FakeStore() override;

  void StartTailing() override {}
  Status LoadOnce() override { return Status(); }
  void Close() override {}
  void OnCommit(std::function<void(const store::Commit&)>) override {}
  store::LoadProgress GetProgress() const override { return progress; }

  Result<std::vector<store::Run>> ReadRuns() override {
    if (!failure.ok()) return failure.error();
    return runs;
  }
  Result<std::vector<store::Run>> ReadRunsAmong(std::span<const store::RunId> ids) override;
  Result<std::optional<store::RunId>> FindRun(std::string_view name) override;
  Result<store::Run> ReadRun(store::RunId id) override;
  Result<std::vector<store::Run>> ReadDeletedRuns() override { return deleted_runs; }
  Result<std::vector<store::RunSize>> ReadRunSizes() override { return run_sizes; }
  // Edits labels, and keeps what was asked in `run_changes`; the other actions change nothing.
  Result<std::vector<store::Run>> ChangeRuns(const store::RunChange& change) override;
  Result<std::vector<store::Tag>> ReadTags(std::span<const store::RunId> ids) override;
  Result<std::optional<store::Tag>> FindTag(store::RunId run, std::string_view name) override;
  Result<std::vector<store::Warning>> ReadWarnings(store::RunId run) override;
  Result<store::ScalarRows> ReadScalars(const store::ScalarQuery& query) override;
  Result<std::vector<std::optional<store::ScalarPoint>>> ReadLastPoints(
      std::span<const store::SeriesName> series) override;
  Result<std::vector<store::Histogram>> ReadHistograms(store::RunId run, const std::string& tag,
                                                       int, Step from) override {
    return GetFrom(histograms, run, tag, from);
  }
  Result<std::vector<store::ValueInfo>> ListTexts(store::RunId run, const std::string& tag,
                                                  Step from) override {
    ASSIGN_OR_RETURN(const auto found, GetFrom(texts, run, tag, from));
    std::vector<store::ValueInfo> infos;
    for (const store::Text& text : found) {
      uint64_t bytes = value_bytes_extra;
      for (const std::string& value : text.values) bytes += value.size();
      infos.push_back({text.step, text.wall_time, bytes});
    }
    return infos;
  }
  Result<std::vector<store::Text>> ReadTexts(store::RunId run, const std::string& tag, Step from,
                                             Step to) override {
    ASSIGN_OR_RETURN(auto found, GetFrom(texts, run, tag, from));
    std::erase_if(found, [to](const store::Text& text) { return text.step > to; });
    return found;
  }
  uint64_t value_bytes_extra = 0;  // what each of a list claims to have besides
  Result<std::vector<store::ImageInfo>> ReadImages(store::RunId run, const std::string& tag,
                                                   Step from) override {
    return GetFrom(images, run, tag, from);
  }
  Result<std::string> ReadImageBytes(store::RunId run, const std::string& tag, Step, int,
                                     int) override {
    return Get(image_bytes, run, tag);
  }
  Result<std::vector<store::RunHparams>> ReadHparams() override { return hparams; }
  Result<std::vector<store::EmbeddingInfo>> ReadEmbeddings(store::RunId run,
                                                           const std::string& tag) override;
  Result<store::Embedding> ReadEmbedding(store::RunId run, const std::string& tag,
                                         Step step) override;
  Result<store::EmbeddingMetadata> ReadEmbeddingMetadata(store::RunId,
                                                         const std::string&) override {
    return metadata;
  }
  Result<std::vector<store::EntityStats>> ReadEntityStats(store::RunId run, const std::string& tag,
                                                          Step after_step) override;
  Result<store::ProfileSlices> ReadProfile(store::RunId, Step, Step) override { return profile; }
  Result<store::PhaseTimes> ReadPhaseTimes(store::RunId, Step, Step, int) override {
    return phase_times;
  }
  Result<std::vector<store::KernelTotal>> ReadKernelTotals(store::RunId) override {
    return kernels;
  }
  Result<std::vector<store::ProfileNote>> ReadProfileNotes(store::RunId) override { return notes; }
  Result<store::TagMetadata> ReadTagMetadata(store::RunId run, const std::string& tag) override {
    return Get(tag_metadata, run, tag);
  }
  Result<int> ReadSamplesMax(store::RunId, const std::string&) override { return 1; }
  Result<std::vector<store::AudioClip>> ReadAudio(store::RunId run, const std::string& tag,
                                                  Step from) override {
    return GetFrom(audio, run, tag, from);
  }
  Result<std::string> ReadAudioBytes(store::RunId run, const std::string& tag, Step, int,
                                     int) override {
    return Get(audio_bytes, run, tag);
  }
  Result<std::vector<store::ValueInfo>> ListPrCurves(store::RunId run, const std::string& tag,
                                                     Step from) override {
    ASSIGN_OR_RETURN(const auto found, GetFrom(pr_curves, run, tag, from));
    std::vector<store::ValueInfo> infos;
    infos.reserve(found.size());
    for (const store::PrCurve& curve : found) {
      infos.push_back({curve.step, curve.wall_time, value_bytes_extra});
    }
    return infos;
  }
  Result<std::vector<store::PrCurve>> ReadPrCurves(store::RunId run, const std::string& tag,
                                                   Step from, Step to) override {
    ASSIGN_OR_RETURN(auto found, GetFrom(pr_curves, run, tag, from));
    std::erase_if(found, [to](const store::PrCurve& curve) { return curve.step > to; });
    pr_curves_read += found.size();
    return found;
  }
  size_t pr_curves_read = 0;
  Result<store::MeshSeries> ReadMeshes(store::RunId run, const std::string& name,
                                       Step from) override {
    ASSIGN_OR_RETURN(store::MeshSeries series, Get(meshes, run, name));
    std::erase_if(series.samples, [from](const store::MeshInfo& info) { return info.step < from; });
    return series;
  }
  Result<store::Mesh> ReadMesh(store::RunId run, const std::string& name, Step, int) override {
    return Get(mesh, run, name);
  }
  Result<store::CustomScalarLayout> ReadCustomScalarLayout(store::RunId) override { return layout; }
  Result<std::vector<store::GraphInfo>> ReadGraphs(store::RunId) override { return graphs; }
  Result<std::string> ReadGraphBytes(store::RunId run, const std::string& tag) override {
    return Get(graph_bytes, run, tag);
  }
  Result<std::vector<store::TensorInfo>> ReadTensors(store::RunId run, const std::string& tag,
                                                     Step from) override {
    ASSIGN_OR_RETURN(const store::TensorValue value, Get(tensors, run, tag));
    if (value.info.step < from) return std::vector<store::TensorInfo>();
    return std::vector{value.info};
  }
  Result<store::TensorValue> ReadTensor(store::RunId run, const std::string& tag, Step,
                                        int) override {
    return Get(tensors, run, tag);
  }
  Result<store::HparamsData> ReadHparamsData() override { return hparams_data; }
  Result<std::vector<store::ProjectorTensor>> ReadProjectorTensors(store::RunId) override {
    return projector_tensors;
  }
  Result<std::string> ReadProjectorAsset(store::RunId run, const std::string& tensor_name,
                                         store::ProjectorAsset) override {
    return Get(projector_assets, run, tensor_name);
  }
  store::StorageState GetStorageState() const override { return storage_state; }
  Result<store::StorageUse> ReadStorageUse() override { return storage_use; }
  Result<store::PointsChunk> ReadPoints(const store::PointsQuery& query) override;
  Result<store::LoggedValuesChunk> ReadLoggedValues(const store::LoggedValuesQuery&) override;
  Status WriteDiagnosis(store::RunId, const store::Diagnosis&) override { return Status(); }
  Result<store::Diagnosis> ReadDiagnosis(store::RunId run) override;
  Status WriteProjection(store::RunId run, const std::string& key,
                         const std::string& bytes) override;
  Result<std::string> ReadProjection(store::RunId run, const std::string& key) override;

  // What WriteProjection kept.
  std::map<Key, std::string> projections() const;

 private:
  template <typename T>
  static Result<T> Get(const std::map<Key, T>& map, store::RunId run, const std::string& tag) {
    const auto found = map.find({run, tag});
    if (found == map.end()) return NotFound("no such tag");
    return found->second;
  }
  template <typename T>
  static Result<std::vector<T>> GetFrom(const std::map<Key, std::vector<T>>& map, store::RunId run,
                                        const std::string& tag, Step from) {
    ASSIGN_OR_RETURN(std::vector<T> values, Get(map, run, tag));
    std::erase_if(values, [from](const T& value) { return value.step < from; });
    return values;
  }

  mutable std::mutex mutex_;  // guards projections_
  std::map<Key, std::string> projections_;
};

// Two runs with one of each kind of data, small enough to read in a test.
void FillFakeStore(FakeStore* store);

}  // namespace spirogram::testing
