// projector_config.pbtxt and what it names: tensors, metadata, sprites, and paths that lead
// elsewhere.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <thread>

#include "store/embedding_files.h"
#include "store/projector_config.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ProjectorTest : public StoreFixture {
 protected:
  void Write(const std::string& path, std::string_view content) const {
    const std::string full = logdir() + "/" + path;
    CHECK(MakeFolders(full.substr(0, full.rfind('/'))).ok());
    CHECK(WriteFileAtomically(full, content).ok());
  }
  void WriteConfig(const std::string& folder, std::string_view text) const {
    Write(folder + "/projector_config.pbtxt", text);
  }
  std::vector<std::string> Warnings(const std::string& run) {
    std::vector<std::string> messages;
    const auto warnings = store_->ReadWarnings(FindRun(run).id);
    for (const Warning& warning : *warnings) {
      messages.push_back(warning.message);
    }
    return messages;
  }
};

std::string Floats(const std::vector<float>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
}

std::string Npy(const std::string& descr, const std::string& order, const std::string& shape,
                const std::string& data) {
  std::string header =
      "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
  std::string out("\x93NUMPY\x01\x00", 8);
  out.push_back(static_cast<char>(header.size()));
  out.push_back('\0');
  return out + header + data;
}

TEST_F(ProjectorTest, ReadsWhatPytorchWrites) {
  Write("run/00003/default/tensors.tsv", "1.0\t2.5\n-3e-1\tnan\n");
  Write("run/00003/default/metadata.tsv", "cat\ndog\n");
  Write("run/00003/default/sprite.png", "\x89PNG\r\n\x1a\nthumbnails");
  Write("run/00010/default/tensors.tsv", "5\t6\n7\t8\n9\t10\n");
  WriteConfig("run", R"(
embeddings {
  tensor_name: "default:00003"
  tensor_path: "00003/default/tensors.tsv"
  metadata_path: "00003/default/metadata.tsv"
  sprite { image_path: "00003/default/sprite.png" single_image_dim: 32 single_image_dim: 16 }
}
embeddings { tensor_name: "default:00010" tensor_path: "00010/default/tensors.tsv" }
)");
  EventBuilder().Scalar("x", 0, 1).AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  const auto tags = store_->ReadTags(std::vector<RunId>{run});
  ASSERT_THAT(*tags, SizeIs(2));
  EXPECT_EQ((*tags)[0].name, "default");
  EXPECT_EQ((*tags)[0].kind, DataKind::kEmbedding);
  EXPECT_EQ((*tags)[0].plugin, "projector");
  EXPECT_EQ((*tags)[0].count, 2);
  EXPECT_EQ((*tags)[0].first_step, 3);
  EXPECT_EQ((*tags)[0].last_step, 10);
  const auto infos = store_->ReadEmbeddings(run, "default");
  ASSERT_THAT(*infos, SizeIs(2));
  EXPECT_EQ((*infos)[1].rows, 3);
  EXPECT_EQ((*infos)[1].dims, 2);
  const auto embedding = store_->ReadEmbedding(run, "default", 3);
  EXPECT_EQ(embedding->values[0], 1.0f);
  EXPECT_EQ(embedding->values[2], -0.3f);
  EXPECT_TRUE(embedding->values[3] != embedding->values[3]);
  EXPECT_THAT(store_->ReadEmbedding(run, "default", 10)->values, ElementsAre(5, 6, 7, 8, 9, 10));
  EXPECT_EQ(store_->ReadEmbedding(run, "default", 4).error().code, ErrorCode::kNotFound);
  const auto tensors = store_->ReadProjectorTensors(run);
  ASSERT_THAT(*tensors, SizeIs(2));
  EXPECT_EQ((*tensors)[0].tensor_name, "default:00003");
  EXPECT_EQ((*tensors)[0].sprite_width, 32);
  EXPECT_EQ((*tensors)[0].sprite_height, 16);
  EXPECT_EQ((*tensors)[0].metadata_path, "00003/default/metadata.tsv");
  EXPECT_EQ(store_->ReadProjectorAsset(run, "default:00003", ProjectorAsset::kSprite).value(),
            "\x89PNG\r\n\x1a\nthumbnails");
  EXPECT_EQ(store_->ReadProjectorAsset(run, "default:00003", ProjectorAsset::kMetadata).value(),
            "cat\ndog\n");
  EXPECT_EQ(store_->ReadProjectorAsset(run, "default:00010", ProjectorAsset::kSprite).error().code,
            ErrorCode::kNotFound);
  EXPECT_THAT(Warnings("run"), IsEmpty());
}

TEST_F(ProjectorTest, ReadsRawAndNumpyTensorsWithMetadata) {
  Write("run/raw.bytes", Floats({1, 2, 3, 4, 5, 6}));
  Write("run/zeros.bytes", std::string(24, '\0'));
  Write("run/c.npy", Npy("<f8", "False", "(1, 2)",
                         std::string("\x00\x00\x00\x00\x00\x00\xf8\x3f", 8) +
                             std::string("\x00\x00\x00\x00\x00\x00\x00\xc0", 8)));
  Write("run/f.npy", Npy("<f4", "True", "(2, 3)", Floats({1, 4, 2, 5, 3, 6})));
  Write("run/meta.tsv", "name\tcity\r\nAda\tOslo\r\nBob\tLima\r\n");
  WriteConfig("run", R"(
embeddings { tensor_name: "raw" tensor_path: "raw.bytes" tensor_shape: 2 tensor_shape: 3
             metadata_path: "meta.tsv" bookmarks_path: "meta.tsv" }
embeddings { tensor_name: "zeros" tensor_path: "zeros.bytes" tensor_shape: [3, 2] }
embeddings { tensor_name: "c" tensor_path: "c.npy" }
embeddings { tensor_name: "f" tensor_path: "f.npy" }
embeddings { tensor_path: "./tabs.tsv" }
)");
  Write("run/tabs.tsv", "1\t2\t\r\n3\t4\t\r\n");  // each number with a tab behind it
  Load();
  const RunId run = FindRun("run").id;
  EXPECT_THAT(store_->ReadEmbedding(run, "tabs.tsv", 0)->values, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(store_->ReadEmbedding(run, "raw", 0)->values, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(store_->ReadEmbedding(run, "zeros", 0)->info.rows, 3);
  EXPECT_THAT(store_->ReadEmbedding(run, "c", 0)->values, ElementsAre(1.5, -2));
  EXPECT_THAT(store_->ReadEmbedding(run, "f", 0)->values, ElementsAre(1, 2, 3, 4, 5, 6));
  const auto metadata = store_->ReadEmbeddingMetadata(run, "raw");
  EXPECT_THAT(metadata->columns, ElementsAre("name", "city"));
  EXPECT_THAT(metadata->values[1], ElementsAre("Oslo", "Lima"));
  EXPECT_THAT(store_->ReadEmbeddingMetadata(run, "c")->columns, IsEmpty());
  EXPECT_THAT(Warnings("run"), IsEmpty());
  EXPECT_GT(FindRun("run").start_time, 1'700'000'000);
}

TEST_F(ProjectorTest, ReadsTheConfigOfThePluginFolder) {
  const std::string folder = "a/run/plugins/org_tensorflow_tensorboard_projector";
  Write(folder + "/t.tsv", "1\n2\n");
  WriteConfig(folder, R"(embeddings { tensor_name: "w/.ATTRIBUTES/VALUE" tensor_path: "t.tsv" })");
  Load();
  EXPECT_THAT(*store_->ReadRuns(), SizeIs(1));
  const auto infos = store_->ReadEmbeddings(FindRun("a/run").id, "w/.ATTRIBUTES/VALUE");
  EXPECT_EQ(infos->at(0).dims, 1);
}

// Case 58.
TEST_F(ProjectorTest, RefusesPathsThatLeadOutOfTheConfigsFolder) {
  Write("secret.tsv", "1\t2\n");
  Write("run/inside/t.tsv", "1\t2\n");
  ASSERT_EQ(symlink("../secret.tsv", (logdir() + "/run/link.tsv").c_str()), 0);
  ASSERT_EQ(symlink("..", (logdir() + "/run/up").c_str()), 0);
  ASSERT_EQ(symlink("inside/t.tsv", (logdir() + "/run/good_link.tsv").c_str()), 0);
  ASSERT_EQ(mkfifo((logdir() + "/run/fifo").c_str(), 0600), 0);
  const auto entry = [](const std::string& name, const std::string& path) {
    return "embeddings { tensor_name: '" + name + "' tensor_path: '" + path + "' }\n";
  };
  WriteConfig("run", entry("traversal", "../secret.tsv") + entry("link", "link.tsv") +
                         entry("linked folder", "up/secret.tsv") +
                         entry("absolute", logdir() + "/secret.tsv") +
                         entry("device", "/dev/zero") + entry("fifo", "fifo") +
                         entry("folder", "inside") + entry("nul", "a\\0b") +
                         entry("missing", "missing.tsv") + entry("absent", "") +
                         entry("good", "inside/t.tsv") + entry("good link", "good_link.tsv") +
                         entry("good absolute", logdir() + "/run/inside/t.tsv") +
                         "embeddings { tensor_name: 'assets' tensor_path: 'inside/t.tsv' "
                         "metadata_path: '../secret.tsv' bookmarks_path: 'link.tsv' "
                         "sprite { image_path: '/etc/hostname' } }");
  Load();
  const RunId run = FindRun("run").id;
  for (const char* name : {"traversal", "link", "linked folder", "absolute", "device", "fifo",
                           "folder", "nul", "missing", "absent"}) {
    EXPECT_EQ(store_->ReadEmbeddings(run, name).error().code, ErrorCode::kNotFound) << name;
  }
  for (const char* name : {"good", "good link", "good absolute", "assets"}) {
    EXPECT_TRUE(store_->ReadEmbeddings(run, name).ok()) << name;
  }
  const auto warnings = Warnings("run");
  ASSERT_THAT(warnings, SizeIs(13));
  for (const size_t i : {0, 1, 2, 3, 4, 10, 11, 12}) {
    EXPECT_THAT(warnings[i], HasSubstr("outside of the config's folder")) << i;
  }
  EXPECT_THAT(warnings[9], HasSubstr("no file \"checkpoint\" to name"));
  for (const auto asset :
       {ProjectorAsset::kMetadata, ProjectorAsset::kBookmarks, ProjectorAsset::kSprite}) {
    EXPECT_EQ(store_->ReadProjectorAsset(run, "assets", asset).error().code, ErrorCode::kNotFound);
  }
}

TEST_F(ProjectorTest, WarnsOfTensorsAndMetadataThatDoNotFit) {
  Write("run/uneven.tsv", "1\t2\n3\n");
  Write("run/words.tsv", "1\tx\n");
  Write("run/short.bytes", std::string("\x00\x01\x02", 3));
  Write("run/rank1.npy", Npy("<f4", "False", "(2,)", Floats({1, 2})));
  Write("run/complex.npy", Npy("<c8", "False", "(1, 1)", Floats({1, 2})));
  Write("run/huge.npy", Npy("<f4", "False", "(4611686018427387904, 4611686018427387904)", ""));
  Write("run/cut.npy", "\x93NUMPY\x01");
  Write("run/good.tsv", "1\n2\n3\n");
  Write("run/few.tsv", "only one\n");
  const auto entry = [](const std::string& path, const std::string& more = "") {
    return "embeddings { tensor_name: '" + path + "' tensor_path: '" + path + "' " + more + " }\n";
  };
  WriteConfig("run", entry("uneven.tsv") + entry("words.tsv") +
                         entry("short.bytes", "tensor_shape: 1 tensor_shape: 1") +
                         entry("rank1.npy") + entry("complex.npy") + entry("huge.npy") +
                         entry("cut.npy") + entry("good.tsv", "metadata_path: 'few.tsv'"));
  Load();
  const auto warnings = Warnings("run");
  ASSERT_THAT(warnings, SizeIs(8));
  EXPECT_THAT(warnings[0], HasSubstr("uneven.tsv: line 2: got 1 numbers, want 2"));
  EXPECT_THAT(warnings[1], HasSubstr("line 1: cell 2 is no number"));
  EXPECT_THAT(warnings[2], HasSubstr("got 3 bytes, want 1 x 1 float32"));
  EXPECT_THAT(warnings[3], HasSubstr("got rank 1, want 2"));
  EXPECT_THAT(warnings[4], HasSubstr("<c8"));
  EXPECT_THAT(warnings[7], HasSubstr("few.tsv has 1 rows for 3 points"));
  const auto metadata = store_->ReadEmbeddingMetadata(FindRun("run").id, "good.tsv");
  EXPECT_THAT(metadata->columns, ElementsAre("label"));
  EXPECT_THAT(metadata->values[0], ElementsAre("only one", "", ""));
}

TEST_F(ProjectorTest, WarnsOfAConfigThatIsNone) {
  WriteConfig("run", "embeddings {");
  Load();
  ASSERT_THAT(Warnings("run"), SizeIs(1));
  EXPECT_EQ(store_->ReadWarnings(FindRun("run").id)->at(0).file, "run/projector_config.pbtxt");
}

TEST_F(ProjectorTest, PrefersWhatTheEventFilesHold) {
  Write("run/t.tsv", "9\t9\n");
  WriteConfig("run", R"(embeddings { tensor_name: "e" tensor_path: "t.tsv" })");
  EventBuilder().Floats("e", 1, "spirogram_embedding", {1, 2}, {1, 2}).AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  EXPECT_THAT(*store_->ReadTags(std::vector<RunId>{run}), SizeIs(1));
  EXPECT_THAT(store_->ReadEmbedding(run, "e", 1)->values, ElementsAre(1, 2));
  EXPECT_THAT(*store_->ReadProjectorTensors(run), IsEmpty());
}

TEST_F(ProjectorTest, ReadsChangedFilesAnewAndKeepsWhatDeletedConfigsNamed) {
  Write("run/a.tsv", "1\n");
  Write("run/b.tsv", "2\n");
  const std::string config =
      "embeddings { tensor_name: 'a' tensor_path: 'a.tsv' }\n"
      "embeddings { tensor_name: 'b' tensor_path: 'b.tsv' }\n";
  WriteConfig("run", config);
  Load();
  Write("run/a.tsv", "1\n1\n");
  Load();
  const RunId run = FindRun("run").id;
  EXPECT_EQ(store_->ReadEmbeddings(run, "a")->at(0).rows, 2);
  EXPECT_EQ(store_->ReadEmbeddings(run, "b")->at(0).rows, 1);
  WriteConfig("run", "embeddings { tensor_name: 'b' tensor_path: 'b.tsv' }");
  Load();
  EXPECT_FALSE(store_->ReadEmbeddings(run, "a").ok());
  EXPECT_TRUE(store_->ReadEmbeddings(run, "b").ok());
  ASSERT_EQ(unlink((logdir() + "/run/projector_config.pbtxt").c_str()), 0);
  ASSERT_EQ(unlink((logdir() + "/run/b.tsv").c_str()), 0);
  Load();
  EXPECT_THAT(store_->ReadEmbedding(run, "b", 0)->values, ElementsAre(2));
}

TEST_F(ProjectorTest, SeesAConfigThatAppearsWhileItRuns) {
  EventBuilder().Scalar("x", 0, 1).AppendTo(EventFile("run"));
  auto opened = Store::Open(Options());
  ASSERT_TRUE(opened.ok());
  store_ = std::move(opened).value();
  store_->StartTailing();
  Write("run/t.tsv", "1\t2\n");
  WriteConfig("run", "embeddings { tensor_name: 'e' tensor_path: 't.tsv' }");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  bool is_there = false;
  while (!is_there && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const auto tags = store_->ReadTags({});
    for (const Tag& tag : *tags) is_there |= tag.name == "e";
  }
  EXPECT_TRUE(is_there);
}

TEST(SplitTensorNameTest, TakesTheStepThatPytorchAppends) {
  EXPECT_EQ(SplitTensorName("default:00042").tag, "default");
  EXPECT_EQ(SplitTensorName("default:00042").step, 42);
  EXPECT_EQ(SplitTensorName("a:b:123456").tag, "a:b");
  EXPECT_EQ(SplitTensorName("Variable:0").tag, "Variable:0");
  EXPECT_EQ(SplitTensorName("x:-0001").tag, "x:-0001");
  EXPECT_EQ(SplitTensorName("x:99999999999999999999").tag, "x:99999999999999999999");
  EXPECT_EQ(SplitTensorName(":00001").tag, ":00001");
  EXPECT_EQ(SplitTensorName("").tag, "embedding");
}

TEST(MetadataTsvTest, HasAHeaderOnlyWithSeveralColumns) {
  EXPECT_THAT(ParseMetadataTsv("a\nb\n", 2).columns, ElementsAre("label"));
  EXPECT_THAT(ParseMetadataTsv("a\nb\n", 2).values[0], ElementsAre("a", "b"));
  const EmbeddingMetadata two = ParseMetadataTsv("x\ty\n1\t2\n3\n", 3);
  EXPECT_THAT(two.columns, ElementsAre("x", "y"));
  EXPECT_THAT(two.values[0], ElementsAre("1", "3", ""));
  EXPECT_THAT(two.values[1], ElementsAre("2", "", ""));
  EXPECT_EQ(CountMetadataRows("x\ty\n1\t2\n3"), 2);
  EXPECT_EQ(CountMetadataRows(""), 0);
}

TEST(NpyTest, EndsAtEveryCut) {
  const std::string npy = Npy("<f4", "False", "(1, 2)", Floats({1, 2}));
  for (size_t size = 0; size < npy.size(); ++size) {
    EXPECT_FALSE(ParseNpy(npy.substr(0, size)).ok()) << size;
  }
  EXPECT_TRUE(ParseNpy(npy).ok());
  EXPECT_FALSE(ParseNpy(Npy("<f4", "False", "(5, 0)", "")).ok());
}

}  // namespace
}  // namespace spirogram::store
