// Features of texts beside a table, for models that take no sparse matrix.
#include "operators/builtin/feature_block.h"
#include "operators/builtin/python_text.h"

namespace treesmith {
namespace {

constexpr std::string_view kShape = R"py(
def add_text_shape(table, text):
    """Length, words, capitals and punctuation of each text."""
    new = {}
    for column in WORDS:
        cells = text[column]
        length = cells.str.len().astype(float)
        words = cells.str.split().str.len().astype(float)
        new[f"{column}_length"] = length
        new[f"{column}_words"] = words
        new[f"{column}_word_length"] = length / (words + 1)
        new[f"{column}_capitals"] = cells.str.count(r"[A-Z]") / (length + 1)
        new[f"{column}_unlike"] = cells.map(lambda cell: len(set(cell.split()))) / (
            words + 1
        )
        for sign in ",.;:!?'\"-":
            new[f"{column} {sign}"] = cells.str.count(re.escape(sign)).astype(float)
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

constexpr std::string_view kTopics = R"py(
def add_topics(table, text):
    """The main directions of word counts, as a few numbers a text."""
    new = {}
    for column in WORDS:
        words = TfidfVectorizer(
            ngram_range=(1, 2), min_df=3, max_features=30000, sublinear_tf=True
        )
@unparted@        counts = words.fit_transform(text[column])
        size = min(40, counts.shape[1] - 1)
        topics = TruncatedSVD(size, random_state=1).fit_transform(counts)
        for k in range(size):
            new[f"{column}_topic{k}"] = topics[:, k]
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

constexpr std::string_view kScores = R"py(
def add_text_scores(table, text, signal, folds):
    """What a linear model of words and characters says, out of fold."""
    n = len(signal)
    new = {}
    for column in WORDS:
        words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
@unparted@        characters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True
        )
        cells = text[column]
        x = sparse.hstack(
            [words.fit_transform(cells), characters.fit_transform(cells)]
        ).tocsr()
        scores = np.empty((len(table), signal.shape[1]))
        scores[n:] = Ridge(2, solver="sparse_cg").fit(x[:n], signal).predict(
            x[n:]
        ).reshape(-1, signal.shape[1])
        for rest, part in folds:
            model = Ridge(2, solver="sparse_cg").fit(x[:n][rest], signal[rest])
            scores[part] = model.predict(x[:n][part]).reshape(len(part), -1)
        for k in range(signal.shape[1]):
            new[f"{column}_score{k}"] = scores[:, k]
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

constexpr std::string_view kBayes = R"py(
def add_text_bayes(table, text, signal, folds):
    """Log chances by naive Bayes of words and punctuation, out of fold."""
    n = len(signal)
    labels = (signal @ np.arange(1, signal.shape[1] + 1)).astype(int)
    kinds = np.unique(labels)

    def chances(x, y, x_new):
        # A kind that is missing from some folds must not get a chance of zero.
        model = MultinomialNB(alpha=0.02, fit_prior=False)
        model.partial_fit(x, y, classes=kinds)
        return model.predict_log_proba(x_new)

    new = {}
    for column in WORDS:
        words = TfidfVectorizer(
            ngram_range=(1, 2),
            min_df=2,
            sublinear_tf=True,
            lowercase=False,
            token_pattern=r"\w+|[^\w\s]",
        )
@unparted@        x = words.fit_transform(text[column])
        scores = np.empty((len(table), len(kinds)))
        scores[n:] = chances(x[:n], labels, x[n:])
        for rest, part in folds:
            scores[part] = chances(x[rest], labels[rest], x[part])
        for i in range(len(kinds)):
            new[f"{column}_bayes{i}"] = scores[:, i]
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

bool HasText(const TaskFacts& facts, const Recipe& /*recipe*/) {
  return facts.Count(ColumnRole::kText) > 0;
}

bool HasTextClasses(const TaskFacts& facts, const Recipe& recipe) {
  return HasText(facts, recipe) && !facts.Regression();
}

}  // namespace

std::span<const FeatureBlock> TextBlocks() {
  static const std::vector<FeatureBlock> blocks = {
      {.name = "feature.text-shape",
       .stage = BlockStage::kText,
       .function = "add_text_shape",
       .reason = "How a text is written tells as much as what it says.",
       .imports = {"import re"},
       .source = kShape,
       .fits = HasText,
       .prior = {.gain = 0.8, .cost = 1.2},
       .word_cost = 10},
      {.name = "feature.text-topics",
       .stage = BlockStage::kText,
       .function = "add_topics",
       .reason = "Topics condense thousands of word counts into few numbers.",
       .imports = {"from sklearn.decomposition import TruncatedSVD",
                   "from sklearn.feature_extraction.text import "
                   "TfidfVectorizer"},
       .source = kTopics,
       .bind = CountCharacters,
       .fits = HasText,
       .prior = {.gain = 1.0, .cost = 2},
       .word_cost = 50},
      {.name = "feature.text-scores",
       .stage = BlockStage::kTextSupervised,
       .function = "add_text_scores",
       .reason = "A linear model reads words better than trees do.",
       .imports = {"from scipy import sparse",
                   "from sklearn.feature_extraction.text import "
                   "TfidfVectorizer",
                   "from sklearn.linear_model import Ridge"},
       .inner_folds = 4,
       .source = kScores,
       .bind = CountCharacters,
       .fits = HasText,
       .prior = {.gain = 2, .cost = 2},
       .word_cost = 150},
      {.name = "feature.text-bayes",
       .stage = BlockStage::kTextSupervised,
       .function = "add_text_bayes",
       .reason = "Naive Bayes errs unlike linear models, and trees weigh both.",
       .imports = {"from sklearn.feature_extraction.text import "
                   "TfidfVectorizer",
                   "from sklearn.naive_bayes import MultinomialNB"},
       .inner_folds = 4,
       .source = kBayes,
       .bind = CountCharacters,
       .fits = HasTextClasses,
       .prior = {.gain = 2, .cost = 1.3},
       .word_cost = 30},
  };
  return blocks;
}

}  // namespace treesmith
