// Embeddings in checkpoints of version 1 that TensorFlow wrote: tests/store/golden/checkpoint/old*,
// made by write_checkpoint.py beside that folder.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>

#include "base/crc32c.h"
#include "base/file.h"
#include "base/str.h"
#include "base/wire.h"
#include "store/checkpoint_tensor.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kGolden = "tests/store/golden/checkpoint";
constexpr const char* kSharded = "old_sharded.ckpt-\?\?\?\?\?-of-00003";

class OldCheckpointTest : public StoreFixture {
 protected:
  OldCheckpointTest() {
    CHECK(MakeFolders(run_folder()).ok());
    std::filesystem::copy(kGolden, run_folder(), std::filesystem::copy_options::recursive);
  }

  std::string run_folder() const { return logdir() + "/run"; }
  // Without a sync, of which the tests of damage would make thousands.
  void Write(const std::string& file, std::string_view content) const {
    CHECK(std::ofstream(StrCat(run_folder(), "/", file), std::ios::binary) << content);
  }
  Result<Matrix> Read(const std::string& name, const std::string& prefix = "old.ckpt") const {
    return ReadCheckpointMatrix(run_folder(), prefix, name);
  }
  std::string ErrorOf(const std::string& name, const std::string& prefix = "old.ckpt") const {
    const auto matrix = Read(name, prefix);
    return matrix.ok() ? "" : matrix.error().message;
  }
};

// Leaves this process room for so many more open files.
class FewDescriptors {
 public:
  explicit FewDescriptors(size_t left) {
    CHECK(getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const rlimit low{std::min<rlim_t>(before_.rlim_cur, 64), before_.rlim_max};
    CHECK(setrlimit(RLIMIT_NOFILE, &low) == 0);
    while (true) {
      FileDescriptor file(open("/dev/null", O_RDONLY | O_CLOEXEC));
      if (!file.is_open()) break;
      taken_.push_back(std::move(file));
    }
    CHECK(taken_.size() >= left);
    taken_.resize(taken_.size() - left);
  }
  ~FewDescriptors() { CHECK(setrlimit(RLIMIT_NOFILE, &before_) == 0); }

 private:
  rlimit before_{};
  std::vector<FileDescriptor> taken_;
};

// Row by row, the script's grid of 5 x 3 in a type.
std::vector<float> GridOf(std::string_view type) {
  std::vector<float> grid;
  for (int i = 0; i < 15; ++i) {
    const float fraction = static_cast<float>(i) / 4 - 1;
    if (type == "bool") {
      grid.push_back(fraction != 0 ? 1 : 0);
    } else if (type.starts_with("float")) {
      grid.push_back(fraction);
    } else {
      grid.push_back(fraction * 4 + (type.starts_with("uint") ? 4.0f : 0.0f));
    }
  }
  return grid;
}

TEST_F(OldCheckpointTest, ReadsVariablesOfEveryTypeThatVersion1Has) {
  for (const char* prefix :
       {"old.ckpt", "old_compressed.ckpt", kSharded, "/home/somebody/logs/old.ckpt",
        "/home/somebody/logs/old_sharded.ckpt-\?\?\?\?\?-of-00003"}) {
    for (const char* type : {"float32", "float64", "float16", "int64", "int32", "int16", "int8",
                             "uint16", "uint8", "bool"}) {
      const auto matrix = Read(StrCat(type, ":0"), prefix);
      ASSERT_TRUE(matrix.ok()) << matrix.error().ToString();
      EXPECT_EQ(matrix->rows, 5);
      EXPECT_EQ(matrix->dims, 3);
      EXPECT_EQ(matrix->values, GridOf(type)) << prefix << " " << type;
    }
  }
}

TEST_F(OldCheckpointTest, NeedsNoMoreOpenFilesForMoreShards) {
  const FewDescriptors few(2);
  const auto matrix = Read("float32", kSharded);
  ASSERT_TRUE(matrix.ok()) << matrix.error().ToString();
  EXPECT_EQ(matrix->values, GridOf("float32"));
}

TEST_F(OldCheckpointTest, PutsAVariableTogetherFromItsParts) {
  for (const char* name : {"rows", "columns"}) {
    const auto matrix = Read(name, "old_partitioned.ckpt");
    ASSERT_TRUE(matrix.ok()) << matrix.error().ToString();
    EXPECT_EQ(matrix->rows, 7);
    EXPECT_EQ(matrix->dims, 5);
    ASSERT_THAT(matrix->values, SizeIs(35));
    for (size_t i = 0; i < 35; ++i) EXPECT_EQ(matrix->values[i], static_cast<float>(i)) << name;
  }
}

TEST_F(OldCheckpointTest, SaysWhatItCannotRead) {
  EXPECT_EQ(ErrorOf("bias"), "bias: got rank 1, want 2");
  EXPECT_THAT(ErrorOf("gone"), HasSubstr("has no variable \"gone\"; of rank 2 are: bool, float16"));
  Write("weights.h5", std::string("\x89HDF\r\n\x1a\n") + std::string(100, 'x'));
  EXPECT_EQ(ErrorOf("embedding", "weights.h5"),
            "weights.h5, read as a checkpoint of version 1: table: the file does not end like a "
            "table");
  std::filesystem::remove(run_folder() + "/old_sharded.ckpt-00002-of-00003");
  EXPECT_THAT(ErrorOf("float32", kSharded), HasSubstr("open old_sharded.ckpt-00002-of-00003"));
}

TEST_F(OldCheckpointTest, ShowsWhatAConfigNamesOfTheNewestCheckpoint) {
  Write("checkpoint", StrCat("model_checkpoint_path: \"/home/somebody/logs/", kSharded, "\"\n"));
  Write("projector_config.pbtxt", "embeddings { tensor_name: 'float32' }");
  Load();
  const RunId run = FindRun("run").id;
  const auto embedding = store_->ReadEmbedding(run, "float32", 0);
  ASSERT_TRUE(embedding.ok()) << embedding.error().ToString();
  EXPECT_EQ(embedding->values, GridOf("float32"));
  EXPECT_THAT(*store_->ReadWarnings(run), IsEmpty());
}

TEST_F(OldCheckpointTest, FollowsACheckpointThatIsWrittenAnew) {
  Write("projector_config.pbtxt",
        "model_checkpoint_path: '/moved/old.ckpt' embeddings { tensor_name: 'int32' }");
  Load();
  const RunId run = FindRun("run").id;
  const auto before = store_->ReadEmbedding(run, "int32", 0);
  ASSERT_TRUE(before.ok()) << before.error().ToString();
  EXPECT_GT(before->info.wall_time, 0);
  std::filesystem::remove(run_folder() + "/old.ckpt");
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_THAT(store_->ReadWarnings(run)->at(0).message, HasSubstr("no checkpoint /moved/old.ckpt"));
  std::filesystem::rename(run_folder() + "/old_compressed.ckpt", run_folder() + "/old.ckpt");
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_TRUE(store_->ReadEmbedding(run, "int32", 0).ok());
  EXPECT_THAT(*store_->ReadWarnings(run), IsEmpty());
}

TEST_F(OldCheckpointTest, TakesTheRunsCheckpointForAConfigInThePluginsFolder) {
  const std::string plugin = "plugins/org_tensorflow_tensorboard_projector";
  ASSERT_TRUE(MakeFolders(StrCat(run_folder(), "/", plugin)).ok());
  Write(plugin + "/projector_config.pbtxt", "embeddings { tensor_name: 'half' }");
  Load();
  const RunId run = FindRun("run").id;
  const auto of_run = store_->ReadEmbedding(run, "half", 0);
  ASSERT_TRUE(of_run.ok()) << of_run.error().ToString();
  EXPECT_GT(of_run->info.wall_time, 0);
  EXPECT_EQ(of_run->info.rows, 5);

  // One beside the config goes before it.
  Write(plugin + "/checkpoint", "model_checkpoint_path: 'p.ckpt'");
  std::filesystem::rename(run_folder() + "/old_partitioned.ckpt",
                          StrCat(run_folder(), "/", plugin, "/p.ckpt"));
  Write(plugin + "/projector_config.pbtxt", "embeddings { tensor_name: 'rows' }");
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_TRUE(store_->ReadEmbedding(run, "rows", 0).ok());
}

TEST_F(OldCheckpointTest, ShowsEveryTableWhereTheConfigNamesNone) {
  Write("projector_config.pbtxt", "model_checkpoint_path: 'old_partitioned.ckpt'");
  Load();
  const RunId run = FindRun("run").id;
  const auto names = [&] {
    const auto tensors = store_->ReadProjectorTensors(run);
    std::vector<std::string> out;
    for (const ProjectorTensor& tensor : *tensors) out.push_back(tensor.tensor_name);
    return out;
  };
  EXPECT_THAT(names(), ElementsAre("columns", "rows"));
  EXPECT_THAT(*store_->ReadWarnings(run), IsEmpty());

  // Another checkpoint takes its place, while the config stays as it is.
  std::filesystem::rename(run_folder() + "/old.ckpt", run_folder() + "/old_partitioned.ckpt");
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_THAT(names(), ElementsAre("bool", "float16", "float32", "float64", "int16", "int32",
                                   "int64", "int8", "uint16", "uint8"));

  // An entry without a name gives its metadata to those that no other entry names.
  Write("labels.tsv", "a\nb\nc\nd\ne\nf\ng\n");
  Write("projector_config.pbtxt",
        "model_checkpoint_path: 'partitioned.ckpt' embeddings { metadata_path: 'labels.tsv' }"
        "embeddings { tensor_name: 'rows:0' }");
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_THAT(names(), ElementsAre("rows:0", "columns"));
  EXPECT_THAT(store_->ReadEmbeddingMetadata(run, "columns")->columns, ElementsAre("label"));
  EXPECT_THAT(store_->ReadEmbeddingMetadata(run, "rows:0")->columns, IsEmpty());
  EXPECT_THAT(*store_->ReadWarnings(run), IsEmpty());
}

TEST_F(OldCheckpointTest, AConfigThatNamesNothingTellsOfWhatItAsksForAlone) {
  std::filesystem::remove(run_folder() + "/checkpoint");
  Write("projector_config.pbtxt", "");
  Load();
  EXPECT_THAT(*store_->ReadWarnings(FindRun("run").id), IsEmpty());
  for (const auto& [config, told] :
       {std::pair("model_checkpoint_path: 'gone.ckpt'", "no checkpoint gone.ckpt"),
        std::pair("embeddings { metadata_path: 'm.tsv' }", "there is no file \"checkpoint\"")}) {
    Write("projector_config.pbtxt", config);
    ASSERT_TRUE(store_->LoadOnce().ok());
    const auto warnings = store_->ReadWarnings(FindRun("run").id);
    ASSERT_THAT(*warnings, SizeIs(1));
    EXPECT_THAT((*warnings)[0].message, HasSubstr(told));
  }
}

// A table with one block, whose one entry is the header.
std::string TableOfHeader(const std::string& header) {
  const auto number = [](auto bits) {
    return std::string(reinterpret_cast<const char*>(&bits), sizeof bits);
  };
  std::string table;
  const auto append = [&](const std::string& key, const std::string& value) {
    std::string block(1, '\0');
    AppendVarint(key.size(), &block);
    AppendVarint(value.size(), &block);
    block += key + value + number(uint32_t{0}) + number(uint32_t{1});
    std::string handle;
    AppendVarint(table.size(), &handle);
    AppendVarint(block.size(), &handle);
    block.push_back('\0');
    table += block + number(MaskedCrc32c(block));
    return handle;
  };
  const std::string data = append("", header);
  std::string footer = std::string(2, '\0') + append("k", data);
  footer.resize(40);
  return table + footer + number(uint64_t{0xdb4775248b80fb57});
}

TEST_F(OldCheckpointTest, BoundsWhatNamesOfPartsStandFor) {
  const auto message = [](uint32_t field, const std::string& bytes) {
    std::string out;
    AppendBytesField(field, bytes, &out);
    return out;
  };
  std::string variable = message(1, std::string(size_t{1} << 20, 'n'));
  for (char i = 0; i < 70; ++i) {
    variable += message(4, message(1, std::string("\x08") + i + "\x10\x01") + message(1, ""));
  }
  Write("long.ckpt", TableOfHeader(message(1, message(1, variable))));
  EXPECT_THAT(ErrorOf("n", "long.ckpt"), HasSubstr("names of parts of more than 67108864 bytes"));
}

TEST_F(OldCheckpointTest, BoundsTheNumberOfVariables) {
  std::string meta;
  for (int i = 0; i <= 1'000'000; ++i) {
    std::string variable;
    AppendBytesField(1, StrCat(i), &variable);
    AppendBytesField(1, variable, &meta);
  }
  std::string header;
  AppendBytesField(1, meta, &header);
  Write("many.ckpt", TableOfHeader(header));
  EXPECT_THAT(ErrorOf("n", "many.ckpt"), HasSubstr("more than 1000000 variables"));
}

TEST_F(OldCheckpointTest, ADamagedCheckpointHidesBehindNoOther) {
  ASSERT_TRUE(MakeFolders(run_folder() + "/saved").ok());
  Write("saved/old.ckpt",
        "no table, but of the same name as one beside the config, and long enough");
  EXPECT_THAT(ErrorOf("half", "saved/old.ckpt"), HasSubstr("does not end like a table"));
}

TEST_F(OldCheckpointTest, NoCutAndNoFlippedBitGoesUnnoticed) {
  for (const char* file : {"old_partitioned.ckpt", "old_compressed.ckpt"}) {
    const std::string name = file == std::string("old_compressed.ckpt") ? "float32" : "rows";
    const std::string bytes = ReadFile(StrCat(run_folder(), "/", file), 1 << 20).value();
    const auto whole = Read(name, file);
    ASSERT_TRUE(whole.ok()) << whole.error().ToString();
    for (size_t cut = 0; cut < bytes.size(); ++cut) {
      Write("damaged.ckpt", bytes.substr(0, cut));
      EXPECT_THAT(ErrorOf(name, "damaged.ckpt"), HasSubstr("damaged.ckpt")) << cut;
    }
    for (size_t at = 0; at < bytes.size(); ++at) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
      Write("damaged.ckpt", damaged);
      // Blocks of other variables, and the padding of the footer, say nothing of this one.
      const auto matrix = Read(name, "damaged.ckpt");
      if (matrix.ok()) {
        EXPECT_EQ(matrix->values, whole->values) << at;
      }
    }
  }
}

}  // namespace
}  // namespace spirogram::store
