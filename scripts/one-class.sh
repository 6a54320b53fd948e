#!/usr/bin/env bash
# Anomalies among pictures of one class: a small model is trained on a class of a set alone, then scores the whole test
# part, of which the other classes are the anomalies. Prints a table of the areas under the ROC curve (AUROC).
#   scripts/one-class.sh [--quick] VKVAE [SET...] [-- OPTION...]
# SET: fashion-mnist and mnist unless given. OPTION: more for 'vkvae train'. --quick: two classes, one epoch, few
# pictures. Runs are kept in the folder $ONE_CLASS, runs/one-class unless set; one that is there is not trained again.
set -euo pipefail
classes=(0 1 2 3 4 5 6 7 8 9) train=(--hidden 400 --latent 8 --epochs 10) limit=()
if [[ ${1-} == --quick ]]; then
    shift
    classes=(0 1) train=(--hidden 16 --latent 2 --epochs 1 --batch 10) limit=(--limit 300)
fi
vkvae=${1:?usage: scripts/one-class.sh [--quick] VKVAE [SET...] [-- OPTION...]}
shift
sets=()
while (($#)) && [[ $1 != -- ]]; do
    sets+=("$1")
    shift
done
((${#sets[@]})) || sets=(fashion-mnist mnist)
train+=("${@:2}")
folder=${ONE_CLASS:-runs/one-class}

# area FILE CLASS COLUMN SIGN: of a table of scores with columns index, label, ..., by SIGN times that column. Anomalies
# that stand above each normal picture; ties count half.
area() {
    tail -n +2 "$1" | awk -F , -v column="$3" -v sign="$4" '{ print sign * $column, $2 }' OFMT=%.9g | sort -rg -k 1,1 |
        awk -v class="$2" '
            $1 != last { won += normal * (above + anomalies / 2); above += anomalies; rest += normal; anomalies = normal = 0 }
            { last = $1; if ($2 == class) normal++; else anomalies++ }
            END {
                won += normal * (above + anomalies / 2)
                printf "%.6f", won / ((above + anomalies) * (rest + normal))
            }'
}

for set in "${sets[@]}"; do
    printf '\n| %s: normal class | elbo | recon | probability |\n| --- | --- | --- | --- |\n' "$set"
    areas=()
    for class in "${classes[@]}"; do
        run=$folder/$set-$class
        [[ -e $run/checkpoint.safetensors ]] ||
            "$vkvae" train --data "$set" --classes "$class" "${train[@]}" ${limit[@]+"${limit[@]}"} --out "$run" --quiet
        [[ -e $run/scores.csv ]] || "$vkvae" score "$run" --threshold 0 --out "$run/scores.csv" --quiet
        areas+=("$class $(area "$run/scores.csv" "$class" 5 -1) $(area "$run/scores.csv" "$class" 3 1) $(area "$run/scores.csv" "$class" 6 -1)")
        echo "${areas[-1]}" | awk '{ printf "| %s | %.3f | %.3f | %.3f |\n", $1, $2, $3, $4 }'
    done
    printf '%s\n' "${areas[@]}" |
        awk '{ a += $2; b += $3; c += $4 } END { printf "| mean | %.3f | %.3f | %.3f |\n", a / NR, b / NR, c / NR }'
done
