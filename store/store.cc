#include "store/store.h"

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "store/data_dir.h"
#include "store/diagnosis_table.h"
#include "store/ingest_log.h"
#include "store/kind_reader.h"
#include "store/logdir.h"
#include "store/logged_value_reader.h"
#include "store/points_reader.h"
#include "store/profile_reader.h"
#include "store/projector_table.h"
#include "store/reader_pool.h"
#include "store/record_reader.h"
#include "store/reserve_file.h"
#include "store/run_reader.h"
#include "store/run_rows.h"
#include "store/scalar_reader.h"
#include "store/sqlite/new_database.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/transaction.h"
#include "store/storage_reader.h"
#include "store/tailer.h"

namespace spirogram::store {
namespace {

class StoreImpl : public Store {
 public:
  StoreImpl(DataDir data_dir, Database writer)
      : data_dir_(std::move(data_dir)), writer_(std::make_unique<Database>(std::move(writer))) {}
  // Read-only: without a writer and without a tailer.
  explicit StoreImpl(std::unique_ptr<ReaderPool> readers) : readers_(std::move(readers)) {}
  ~StoreImpl() override { StoreImpl::Close(); }

  Status Init(const StoreOptions& options, Logdir logdir) {
    ASSIGN_OR_RETURN(readers_, ReaderPool::Open(data_dir_->database_path(), options.readers));
    ASSIGN_OR_RETURN(tailer_, Tailer::Create(options, std::move(logdir), *writer_));
    return {};
  }

  void StartTailing() override {
    CHECK(tailer_ != nullptr);
    tailer_->Start();
  }
  Status LoadOnce() override { return tailer_ != nullptr ? tailer_->LoadOnce() : ReadOnly(); }
  void OnCommit(std::function<void(const Commit&)> listener) override {
    if (tailer_ != nullptr) tailer_->set_listener(std::move(listener));
  }
  LoadProgress GetProgress() const override {
    return tailer_ != nullptr ? tailer_->GetProgress() : LoadProgress();
  }

  StorageState GetStorageState() const override {
    return tailer_ != nullptr ? tailer_->GetStorageState() : StorageState();
  }
  Result<StorageUse> ReadStorageUse() override {
    return Read([](Database& db) { return SelectStorageUse(db); });
  }

  void Close() override {
    if (tailer_ != nullptr) tailer_->Stop();
    if (readers_ != nullptr) readers_->Close();
    if (writer_ == nullptr) return;
    const Status status = writer_->Checkpoint();
    if (!status.ok()) LogWarning(StrCat("closing the store: ", status.error().ToString()));
    writer_.reset();
  }

  Result<std::vector<Run>> ReadRuns() override {
    return Read([](Database& db) { return SelectRuns(db, RealClock().Now()); });
  }
  Result<std::vector<Run>> ReadRunsAmong(std::span<const RunId> runs) override {
    return Read([&](Database& db) { return SelectRunsAmong(db, runs, RealClock().Now()); });
  }
  Result<std::optional<RunId>> FindRun(std::string_view name) override {
    return Read([&](Database& db) { return SelectRunByName(db, name); });
  }
  Result<Run> ReadRun(RunId run) override {
    return Read([&](Database& db) { return SelectRun(db, run, RealClock().Now()); });
  }
  Result<std::vector<Run>> ReadDeletedRuns() override {
    return Read([](Database& db) { return SelectDeletedRuns(db, RealClock().Now()); });
  }
  Result<std::vector<RunSize>> ReadRunSizes() override {
    return Read([](Database& db) { return SelectRunSizes(db); });
  }
  Result<std::vector<Run>> ChangeRuns(const RunChange& change) override {
    if (tailer_ == nullptr) return ReadOnly().error();
    RETURN_IF_ERROR(tailer_->ChangeRuns(change));
    return Read([&](Database& db) { return SelectRunsById(db, change.runs, RealClock().Now()); });
  }
  Result<std::vector<Tag>> ReadTags(std::span<const RunId> runs) override {
    return Read([&](Database& db) { return SelectTags(db, runs); });
  }
  Result<std::optional<Tag>> FindTag(RunId run, std::string_view name) override {
    return Read([&](Database& db) { return SelectTag(db, run, name); });
  }
  Result<std::vector<Warning>> ReadWarnings(RunId run) override {
    return Read([&](Database& db) { return SelectWarnings(db, run); });
  }
  Result<ScalarRows> ReadScalars(const ScalarQuery& query) override {
    return Read([&](Database& db) { return SelectScalars(db, query); });
  }
  Result<std::vector<std::optional<ScalarPoint>>> ReadLastPoints(
      std::span<const SeriesName> series) override {
    return Read([&](Database& db) { return SelectLastPoints(db, series); });
  }
  Result<std::vector<Histogram>> ReadHistograms(RunId run, const std::string& tag, int steps_max,
                                                Step from) override {
    return Read([&](Database& db) { return SelectHistograms(db, run, tag, steps_max, from); });
  }
  Result<std::vector<ValueInfo>> ListTexts(RunId run, const std::string& tag, Step from) override {
    return Read(
        [&](Database& db) { return SelectValueInfos(db, run, tag, DataKind::kText, from); });
  }
  Result<std::vector<Text>> ReadTexts(RunId run, const std::string& tag, Step from,
                                      Step to) override {
    return Read([&](Database& db) { return SelectTexts(db, run, tag, from, to); });
  }
  Result<std::vector<ImageInfo>> ReadImages(RunId run, const std::string& tag, Step from) override {
    return Read([&](Database& db) { return SelectImages(db, run, tag, from); });
  }
  Result<std::string> ReadImageBytes(RunId run, const std::string& tag, Step step, int index,
                                     int repeat) override {
    return Read([&](Database& db) { return SelectImageBytes(db, run, tag, step, index, repeat); });
  }
  Result<std::vector<RunHparams>> ReadHparams() override {
    return Read([](Database& db) { return SelectHparams(db); });
  }
  Result<std::vector<EmbeddingInfo>> ReadEmbeddings(RunId run, const std::string& tag) override {
    return Read([&](Database& db) { return SelectEmbeddings(db, run, tag); });
  }
  Result<Embedding> ReadEmbedding(RunId run, const std::string& tag, Step step) override {
    return Read([&](Database& db) { return SelectEmbedding(db, run, tag, step); });
  }
  Result<EmbeddingMetadata> ReadEmbeddingMetadata(RunId run, const std::string& tag) override {
    return Read([&](Database& db) { return SelectEmbeddingMetadata(db, run, tag); });
  }
  Result<std::vector<EntityStats>> ReadEntityStats(RunId run, const std::string& tag,
                                                   Step after_step) override {
    return Read([&](Database& db) { return SelectEntityStats(db, run, tag, after_step); });
  }
  Result<ProfileSlices> ReadProfile(RunId run, Step from, Step to) override {
    return Read([&](Database& db) { return SelectProfile(db, run, from, to); });
  }
  Result<PhaseTimes> ReadPhaseTimes(RunId run, Step from, Step to, int rows_max) override {
    return Read([&](Database& db) { return SelectPhaseTimes(db, run, from, to, rows_max); });
  }
  Result<std::vector<KernelTotal>> ReadKernelTotals(RunId run) override {
    return Read([&](Database& db) { return SelectKernelTotals(db, run); });
  }
  Result<std::vector<ProfileNote>> ReadProfileNotes(RunId run) override {
    return Read([&](Database& db) { return SelectProfileNotes(db, run); });
  }

  Result<TagMetadata> ReadTagMetadata(RunId run, const std::string& tag) override {
    return Read([&](Database& db) { return SelectTagMetadata(db, run, tag); });
  }
  Result<int> ReadSamplesMax(RunId run, const std::string& tag) override {
    return Read([&](Database& db) { return SelectSamplesMax(db, run, tag); });
  }
  Result<std::vector<AudioClip>> ReadAudio(RunId run, const std::string& tag, Step from) override {
    return Read([&](Database& db) { return SelectAudio(db, run, tag, from); });
  }
  Result<std::string> ReadAudioBytes(RunId run, const std::string& tag, Step step, int index,
                                     int repeat) override {
    return Read([&](Database& db) { return SelectAudioBytes(db, run, tag, step, index, repeat); });
  }
  Result<std::vector<ValueInfo>> ListPrCurves(RunId run, const std::string& tag,
                                              Step from) override {
    return Read(
        [&](Database& db) { return SelectValueInfos(db, run, tag, DataKind::kPrCurve, from); });
  }
  Result<std::vector<PrCurve>> ReadPrCurves(RunId run, const std::string& tag, Step from,
                                            Step to) override {
    return Read([&](Database& db) { return SelectPrCurves(db, run, tag, from, to); });
  }
  Result<MeshSeries> ReadMeshes(RunId run, const std::string& name, Step from) override {
    return Read([&](Database& db) { return SelectMeshes(db, run, name, from); });
  }
  Result<Mesh> ReadMesh(RunId run, const std::string& name, Step step, int index) override {
    return Read([&](Database& db) { return SelectMesh(db, run, name, step, index); });
  }
  Result<CustomScalarLayout> ReadCustomScalarLayout(RunId run) override {
    return Read([&](Database& db) { return SelectCustomScalarLayout(db, run); });
  }
  Result<std::vector<GraphInfo>> ReadGraphs(RunId run) override {
    return Read([&](Database& db) { return SelectGraphs(db, run); });
  }
  Result<std::string> ReadGraphBytes(RunId run, const std::string& tag) override {
    return Read([&](Database& db) { return SelectGraphBytes(db, run, tag); });
  }
  Result<std::vector<TensorInfo>> ReadTensors(RunId run, const std::string& tag,
                                              Step from) override {
    return Read([&](Database& db) { return SelectTensors(db, run, tag, from); });
  }
  Result<TensorValue> ReadTensor(RunId run, const std::string& tag, Step step,
                                 int repeat) override {
    return Read([&](Database& db) { return SelectTensor(db, run, tag, step, repeat); });
  }
  Result<HparamsData> ReadHparamsData() override {
    return Read([](Database& db) { return SelectHparamsData(db); });
  }
  Result<std::vector<ProjectorTensor>> ReadProjectorTensors(RunId run) override {
    return Read([&](Database& db) { return SelectProjectorTensors(db, run); });
  }
  Result<std::string> ReadProjectorAsset(RunId run, const std::string& tensor_name,
                                         ProjectorAsset asset) override {
    return Read([&](Database& db) { return SelectProjectorAsset(db, run, tensor_name, asset); });
  }
  Result<PointsChunk> ReadPoints(const PointsQuery& query) override {
    return Read([&](Database& db) { return SelectPoints(db, query); });
  }
  Result<LoggedValuesChunk> ReadLoggedValues(const LoggedValuesQuery& query) override {
    return Read([&](Database& db) { return SelectLoggedValues(db, query); });
  }

  Status WriteDiagnosis(RunId run, const Diagnosis& diagnosis) override {
    return Write([&](Database& db) { return ReplaceDiagnosis(db, run, diagnosis); });
  }
  Result<Diagnosis> ReadDiagnosis(RunId run) override {
    return Read([&](Database& db) { return SelectDiagnosis(db, run); });
  }
  Status WriteProjection(RunId run, const std::string& key, const std::string& bytes) override {
    return Write([&](Database& db) { return ReplaceProjection(db, run, key, bytes); });
  }
  Result<std::string> ReadProjection(RunId run, const std::string& key) override {
    return Read([&](Database& db) { return SelectProjection(db, run, key); });
  }

 private:
  // Runs `select` on a reader, in one snapshot.
  template <typename Select>
  auto Read(const Select& select) -> decltype(select(std::declval<Database&>())) {
    ASSIGN_OR_RETURN(ReaderPool::Lease reader, readers_->Borrow());
    ASSIGN_OR_RETURN(const Transaction snapshot,
                     Transaction::Begin(*reader, Transaction::Kind::kRead));
    return select(*reader);
  }

  Status Write(Tailer::WriteFunction write) {
    return tailer_ != nullptr ? tailer_->Write(std::move(write)) : ReadOnly();
  }
  static Status ReadOnly() { return Permission("the store is open for reading alone"); }

  // Destroyed from the last to the first: the tailer uses the writer, and the lock goes last.
  std::optional<DataDir> data_dir_;
  std::unique_ptr<Database> writer_;
  std::unique_ptr<ReaderPool> readers_;
  std::unique_ptr<Tailer> tailer_;
};

Result<Database> OpenWriter(const std::string& path) {
  std::error_code error;
  if (std::filesystem::file_size(path, error) == 0) RETURN_IF_ERROR(MakeDatabase(path));
  ASSIGN_OR_RETURN(Database writer, Database::Open(path, Database::Mode::kWriter));
  RETURN_IF_ERROR(MigrateSchema(writer));
  return writer;
}

// Where the disk is full, SQLite cannot even begin its log: the room that was kept for that hour is
// given back then. What a full disk looks like depends on which of SQLite's files met it first, so
// its free room is asked.
Result<Database> OpenWriterOnFullDisk(const StoreOptions& options, const std::string& path,
                                      const Error& error) {
  constexpr uint64_t kBytesToOpen = uint64_t{1} << 20;
  if (ReserveFile::FreeBytes(options.data_dir) >= kBytesToOpen) return error;
  ReserveFile(options.data_dir, options.reserve_bytes).Release();
  Result<Database> writer = OpenWriter(path);
  if (writer.ok()) return writer;
  return Exhausted(StrCat("the disk of the data directory ", options.data_dir, " is full (",
                          ReserveFile::FreeBytes(options.data_dir) >> 10,
                          " KiB are free): make room on it, or keep the data elsewhere "
                          "(--data-dir); nothing is lost. ",
                          error.message));
}

}  // namespace

Result<std::unique_ptr<Store>> Store::Open(const StoreOptions& options) {
  const auto open_logdir = [&options] {
    return Logdir::Open(options.logdir, options.data_dir, options.follow_symlinks,
                        options.waits_for_logdir);
  };
  ASSIGN_OR_RETURN(const Logdir checked, open_logdir());
  static_cast<void>(checked);  // a wrong logdir is told before anything is created
  ASSIGN_OR_RETURN(DataDir data_dir, DataDir::Open(options.data_dir));
  ASSIGN_OR_RETURN(Logdir logdir, open_logdir());
  RETURN_IF_ERROR(MakeFolders(IngestDir(options.data_dir)));
  logdir.set_ingest_dir(IngestDir(options.data_dir));
  logdir.set_converter(options.converter, DataDir::ConvertedDir(options.data_dir));
  Result<Database> writer = OpenWriter(data_dir.database_path());
  if (!writer.ok()) {
    writer = OpenWriterOnFullDisk(options, data_dir.database_path(), writer.error());
  }
  if (!writer.ok()) return writer.error();
  auto store = std::make_unique<StoreImpl>(std::move(data_dir), std::move(writer).value());
  RETURN_IF_ERROR(store->Init(options, std::move(logdir)));
  return std::unique_ptr<Store>(std::move(store));
}

Result<std::unique_ptr<Store>> Store::OpenReadOnly(const std::string& data_dir) {
  ASSIGN_OR_RETURN(const std::string path, DataDir::FindDatabase(data_dir));
  {
    ASSIGN_OR_RETURN(Database probe, Database::Open(path, Database::Mode::kReader));
    RETURN_IF_ERROR(CheckSchema(probe));
  }
  ASSIGN_OR_RETURN(auto readers, ReaderPool::Open(path, 1));
  return std::unique_ptr<Store>(std::make_unique<StoreImpl>(std::move(readers)));
}

}  // namespace spirogram::store
