#include "code/fold_loop.h"

#include <gtest/gtest.h>

#include <string>

namespace treesmith {
namespace {

std::string LoopOf(const std::string& code) {
  const auto loop = FindFoldLoop(code);
  if (!loop) return "none";
  return std::to_string(loop->line) + "x" + std::to_string(loop->folds);
}

TEST(FindFoldLoopTest, FindsALoopOverASplitterAroundAFit) {
  EXPECT_EQ(LoopOf("kf = KFold(n_splits=5, shuffle=True)\n"
                   "for a, b in kf.split(x):\n"
                   "    model.fit(x[a], y[a])\n"),
            "2x5");
  EXPECT_EQ(LoopOf("N = 7\ncv = StratifiedKFold(N)\n"
                   "for i, (a, b) in enumerate(cv.split(x, y)):\n"
                   "    m = make()\n    m.fit(x, y)\n"),
            "3x7");
  EXPECT_EQ(LoopOf("for fold in range(4):\n    model.fit(x, y)\n"), "1x4");
  EXPECT_EQ(LoopOf("for f in range(5):\n    a, b = part != f, part == f\n"
                   "    model.fit(x[a], y[a])\n"),
            "1x5");
  EXPECT_EQ(LoopOf("for g in np.unique(part):\n    b = (part == g)\n"
                   "    model.fit(x[~b], y[~b])\n"),
            "1x0");
  EXPECT_EQ(LoopOf("for a, b in splits(x).split(x):\n"
                   "    booster = lgb.train(p, d)\n"),
            "1x0");
}

TEST(FindFoldLoopTest, LooksThroughFunctionsThatFit) {
  EXPECT_EQ(LoopOf("def fit_one(x):\n    return Ridge().fit(x, y)\n\n\n"
                   "def both(x):\n    return fit_one(x)\n\n\n"
                   "for f in range(N_FOLDS):\n    both(x)\n"),
            "9x0");
}

TEST(FindFoldLoopTest, KnowsScoringByOneCall) {
  EXPECT_EQ(LoopOf("s = cross_val_score(model, x, y, cv=3)\n"), "1x3");
  EXPECT_EQ(LoopOf("s = cross_val_score(model, x, y)\n"), "1x5");
  EXPECT_EQ(LoopOf("r = lgb.cv(params, data, nfold=7)\n"), "1x7");
  EXPECT_EQ(LoopOf("g = GridSearchCV(SVC(), grid, cv=4).fit(x, y)\n"), "1x4");
}

TEST(FindFoldLoopTest, IsTheOutermostLoop) {
  EXPECT_EQ(LoopOf("kf = KFold(n_splits=4)\n"
                   "for a, b in kf.split(X):\n"
                   "    for s in seeds:\n"
                   "        m.fit(X[a], y[a])\n"),
            "2x4");
}

TEST(FindFoldLoopTest, OtherLoopsAreNone) {
  EXPECT_EQ(LoopOf("for seed in range(5):\n    model.fit(x, y)\n"), "none");
  EXPECT_EQ(LoopOf("for name, model in models.items():\n    model.fit(x)\n"),
            "none");
  EXPECT_EQ(LoopOf("for f in folds:\n    print(f)\nm.fit(X, y)\n"), "none");
  EXPECT_EQ(LoopOf("for word in line.split(' '):\n    model.fit(word)\n"),
            "none");
  EXPECT_EQ(LoopOf("for g in np.unique(part):\n    b = part == g\n"
                   "    model.fit(x[b], y[b])\n    x[b & ~known] = 0\n"),
            "none");
  // Out-of-fold means need no model.
  EXPECT_EQ(LoopOf("for a, b in KFold(5).split(x):\n"
                   "    t[b] = x.iloc[a].groupby('c')['y'].mean()\n"),
            "none");
  EXPECT_EQ(LoopOf("# for fold in range(5): model.fit(x)\n"), "none");
}

}  // namespace
}  // namespace treesmith
