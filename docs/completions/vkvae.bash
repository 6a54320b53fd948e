# bash completion for vkvae. Made by: vkvae help --format bash

_vkvae_words() {
    COMPREPLY=($(compgen -W "$1" -- "$cur"))
    compopt +o default 2>/dev/null
}
_vkvae_nothing() { compopt +o default 2>/dev/null; }
_vkvae_files() { compopt -o default 2>/dev/null; }
_vkvae_folders() {
    [[ $1 ]] && COMPREPLY=($(compgen -W "$1" -- "$cur"))
    compopt +o default -o filenames -o plusdirs 2>/dev/null
}

_vkvae() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} joined=
    COMPREPLY=()
    if [[ $cur == = ]]; then
        cur= joined=1
    elif [[ $prev == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]} joined=1
    fi
    if ((COMP_CWORD == 1)); then
        _vkvae_words 'train sample encode evaluate project score export import runs info compare report data devices autotune help --help --version'
        return
    fi
    if [[ $command == data ]]; then
        if ((COMP_CWORD == 2)); then
            _vkvae_words 'shapes info'
            return
        fi
        command+=" ${COMP_WORDS[2]}"
    fi
    if [[ $joined && "$command $prev" == 'train --profile' ]]; then
        _vkvae_files
        return
    fi
    case "$command $prev" in
    'train --data') _vkvae_folders 'shapes mnist fashion-mnist' ;;
    'train --out') _vkvae_folders '' ;;
    'train --resume') _vkvae_folders '' ;;
    'train --epochs') _vkvae_nothing ;;
    'train --config') _vkvae_files ;;
    'train --size') _vkvae_nothing ;;
    'train --channels') _vkvae_nothing ;;
    'train --fit') _vkvae_words 'cover contain stretch' ;;
    'train --crop') _vkvae_words 'none center' ;;
    'train --background') _vkvae_nothing ;;
    'train --layout') _vkvae_words 'auto nd nhw nhwc nchw' ;;
    'train --normalize') _vkvae_words 'none minmax standard' ;;
    'train --range') _vkvae_nothing ;;
    'train --tokens') _vkvae_words 'none bag chars words' ;;
    'train --length') _vkvae_nothing ;;
    'train --vocabulary') _vkvae_nothing ;;
    'train --labels') _vkvae_files ;;
    'train --test-data') _vkvae_files ;;
    'train --test-labels') _vkvae_files ;;
    'train --split') _vkvae_nothing ;;
    'train --limit') _vkvae_nothing ;;
    'train --classes') _vkvae_nothing ;;
    'train --threads') _vkvae_nothing ;;
    'train --data-memory') _vkvae_nothing ;;
    'train --images') _vkvae_nothing ;;
    'train --test-images') _vkvae_nothing ;;
    'train --data-seed') _vkvae_nothing ;;
    'train --model') _vkvae_words 'mlp conv resnet' ;;
    'train --hidden') _vkvae_nothing ;;
    'train --channels-list') _vkvae_nothing ;;
    'train --upsample') _vkvae_words 'transpose nearest' ;;
    'train --norm') _vkvae_words 'batch group none' ;;
    'train --blocks') _vkvae_nothing ;;
    'train --activation') _vkvae_words 'relu leaky-relu elu tanh sigmoid softplus silu gelu' ;;
    'train --dropout') _vkvae_nothing ;;
    'train --likelihood') _vkvae_words 'bernoulli gaussian laplace logcosh discretized-logistic continuous-bernoulli categorical-256 categorical multinomial ms-ssim' ;;
    'train --sigma') _vkvae_nothing ;;
    'train --objective') _vkvae_words 'vae ae' ;;
    'train --samples') _vkvae_nothing ;;
    'train --binarize') _vkvae_words 'none static dynamic' ;;
    'train --latent') _vkvae_nothing ;;
    'train --batch') _vkvae_nothing ;;
    'train --augment') _vkvae_nothing ;;
    'train --beta') _vkvae_nothing ;;
    'train --kl-warmup') _vkvae_nothing ;;
    'train --kl-cycle') _vkvae_nothing ;;
    'train --free-bits') _vkvae_nothing ;;
    'train --capacity') _vkvae_nothing ;;
    'train --capacity-steps') _vkvae_nothing ;;
    'train --capacity-gamma') _vkvae_nothing ;;
    'train --lr') _vkvae_nothing ;;
    'train --optimiser') _vkvae_words 'adam adamw sgd adagrad' ;;
    'train --momentum') _vkvae_nothing ;;
    'train --weight-decay') _vkvae_nothing ;;
    'train --lr-schedule') _vkvae_words 'constant cosine step exponential' ;;
    'train --lr-warmup') _vkvae_nothing ;;
    'train --lr-step') _vkvae_nothing ;;
    'train --lr-gamma') _vkvae_nothing ;;
    'train --lr-floor') _vkvae_nothing ;;
    'train --schedule-epochs') _vkvae_nothing ;;
    'train --clip') _vkvae_nothing ;;
    'train --ema') _vkvae_nothing ;;
    'train --accumulate') _vkvae_nothing ;;
    'train --patience') _vkvae_nothing ;;
    'train --on-nan') _vkvae_words 'stop rollback' ;;
    'train --seed') _vkvae_nothing ;;
    'train --precision') _vkvae_words 'fp32 fp16-storage' ;;
    'train --device') _vkvae_nothing ;;
    'train --kernels') _vkvae_words 'auto plain tile subgroup-buffer subgroup-texel' ;;
    'train --limits') _vkvae_words 'minimum' ;;
    'train --tensorboard') _vkvae_folders '' ;;
    'sample --count' | 'sample -n') _vkvae_nothing ;;
    'sample --seed') _vkvae_nothing ;;
    'sample --temperature') _vkvae_nothing ;;
    'sample --from') _vkvae_files ;;
    'sample --out' | 'sample -o') _vkvae_files ;;
    'sample --each') _vkvae_folders '' ;;
    'sample --columns') _vkvae_nothing ;;
    'sample --scale') _vkvae_nothing ;;
    'sample --config') _vkvae_files ;;
    'sample --device') _vkvae_nothing ;;
    'sample --kernels') _vkvae_words 'auto plain tile subgroup-buffer subgroup-texel' ;;
    'sample --limits') _vkvae_words 'minimum' ;;
    'encode --out' | 'encode -o') _vkvae_files ;;
    'encode --seed') _vkvae_nothing ;;
    'encode --data') _vkvae_folders 'shapes mnist fashion-mnist' ;;
    'encode --part') _vkvae_words 'train test all' ;;
    'encode --size') _vkvae_nothing ;;
    'encode --channels') _vkvae_nothing ;;
    'encode --fit') _vkvae_words 'cover contain stretch' ;;
    'encode --crop') _vkvae_words 'none center' ;;
    'encode --background') _vkvae_nothing ;;
    'encode --layout') _vkvae_words 'auto nd nhw nhwc nchw' ;;
    'encode --normalize') _vkvae_words 'none minmax standard' ;;
    'encode --range') _vkvae_nothing ;;
    'encode --tokens') _vkvae_words 'none bag chars words' ;;
    'encode --length') _vkvae_nothing ;;
    'encode --vocabulary') _vkvae_nothing ;;
    'encode --labels') _vkvae_files ;;
    'encode --test-data') _vkvae_files ;;
    'encode --test-labels') _vkvae_files ;;
    'encode --split') _vkvae_nothing ;;
    'encode --limit') _vkvae_nothing ;;
    'encode --classes') _vkvae_nothing ;;
    'encode --threads') _vkvae_nothing ;;
    'encode --images') _vkvae_nothing ;;
    'encode --test-images') _vkvae_nothing ;;
    'encode --data-seed') _vkvae_nothing ;;
    'encode --device') _vkvae_nothing ;;
    'encode --kernels') _vkvae_words 'auto plain tile subgroup-buffer subgroup-texel' ;;
    'encode --limits') _vkvae_words 'minimum' ;;
    'evaluate --export-noise') _vkvae_files ;;
    'evaluate --nll-images') _vkvae_nothing ;;
    'evaluate --nll-samples') _vkvae_nothing ;;
    'evaluate --frechet-features') _vkvae_files ;;
    'evaluate --votes') _vkvae_nothing ;;
    'evaluate --seed') _vkvae_nothing ;;
    'evaluate --data') _vkvae_folders 'shapes mnist fashion-mnist' ;;
    'evaluate --part') _vkvae_words 'train test all' ;;
    'evaluate --size') _vkvae_nothing ;;
    'evaluate --channels') _vkvae_nothing ;;
    'evaluate --fit') _vkvae_words 'cover contain stretch' ;;
    'evaluate --crop') _vkvae_words 'none center' ;;
    'evaluate --background') _vkvae_nothing ;;
    'evaluate --layout') _vkvae_words 'auto nd nhw nhwc nchw' ;;
    'evaluate --normalize') _vkvae_words 'none minmax standard' ;;
    'evaluate --range') _vkvae_nothing ;;
    'evaluate --tokens') _vkvae_words 'none bag chars words' ;;
    'evaluate --length') _vkvae_nothing ;;
    'evaluate --vocabulary') _vkvae_nothing ;;
    'evaluate --labels') _vkvae_files ;;
    'evaluate --test-data') _vkvae_files ;;
    'evaluate --test-labels') _vkvae_files ;;
    'evaluate --split') _vkvae_nothing ;;
    'evaluate --limit') _vkvae_nothing ;;
    'evaluate --classes') _vkvae_nothing ;;
    'evaluate --threads') _vkvae_nothing ;;
    'evaluate --images') _vkvae_nothing ;;
    'evaluate --test-images') _vkvae_nothing ;;
    'evaluate --data-seed') _vkvae_nothing ;;
    'evaluate --device') _vkvae_nothing ;;
    'evaluate --kernels') _vkvae_words 'auto plain tile subgroup-buffer subgroup-texel' ;;
    'evaluate --limits') _vkvae_words 'minimum' ;;
    'project --out' | 'project -o') _vkvae_files ;;
    'project --csv') _vkvae_files ;;
    'project --data') _vkvae_folders 'shapes mnist fashion-mnist' ;;
    'project --part') _vkvae_words 'train test all' ;;
    'project --size') _vkvae_nothing ;;
    'project --channels') _vkvae_nothing ;;
    'project --fit') _vkvae_words 'cover contain stretch' ;;
    'project --crop') _vkvae_words 'none center' ;;
    'project --background') _vkvae_nothing ;;
    'project --layout') _vkvae_words 'auto nd nhw nhwc nchw' ;;
    'project --normalize') _vkvae_words 'none minmax standard' ;;
    'project --range') _vkvae_nothing ;;
    'project --tokens') _vkvae_words 'none bag chars words' ;;
    'project --length') _vkvae_nothing ;;
    'project --vocabulary') _vkvae_nothing ;;
    'project --labels') _vkvae_files ;;
    'project --test-data') _vkvae_files ;;
    'project --test-labels') _vkvae_files ;;
    'project --split') _vkvae_nothing ;;
    'project --limit') _vkvae_nothing ;;
    'project --classes') _vkvae_nothing ;;
    'project --threads') _vkvae_nothing ;;
    'project --images') _vkvae_nothing ;;
    'project --test-images') _vkvae_nothing ;;
    'project --data-seed') _vkvae_nothing ;;
    'project --device') _vkvae_nothing ;;
    'project --kernels') _vkvae_words 'auto plain tile subgroup-buffer subgroup-texel' ;;
    'project --limits') _vkvae_words 'minimum' ;;
    'score --by') _vkvae_words 'recon elbo probability' ;;
    'score --draws') _vkvae_nothing ;;
    'score --seed') _vkvae_nothing ;;
    'score --quantile') _vkvae_nothing ;;
    'score --threshold-images') _vkvae_nothing ;;
    'score --threshold') _vkvae_nothing ;;
    'score --normal-class') _vkvae_nothing ;;
    'score --out' | 'score -o') _vkvae_files ;;
    'score --heat') _vkvae_files ;;
    'score --worst') _vkvae_nothing ;;
    'score --roc') _vkvae_files ;;
    'score --data') _vkvae_folders 'shapes mnist fashion-mnist' ;;
    'score --part') _vkvae_words 'train test all' ;;
    'score --size') _vkvae_nothing ;;
    'score --channels') _vkvae_nothing ;;
    'score --fit') _vkvae_words 'cover contain stretch' ;;
    'score --crop') _vkvae_words 'none center' ;;
    'score --background') _vkvae_nothing ;;
    'score --layout') _vkvae_words 'auto nd nhw nhwc nchw' ;;
    'score --normalize') _vkvae_words 'none minmax standard' ;;
    'score --range') _vkvae_nothing ;;
    'score --tokens') _vkvae_words 'none bag chars words' ;;
    'score --length') _vkvae_nothing ;;
    'score --vocabulary') _vkvae_nothing ;;
    'score --labels') _vkvae_files ;;
    'score --test-data') _vkvae_files ;;
    'score --test-labels') _vkvae_files ;;
    'score --split') _vkvae_nothing ;;
    'score --limit') _vkvae_nothing ;;
    'score --classes') _vkvae_nothing ;;
    'score --threads') _vkvae_nothing ;;
    'score --images') _vkvae_nothing ;;
    'score --test-images') _vkvae_nothing ;;
    'score --data-seed') _vkvae_nothing ;;
    'score --device') _vkvae_nothing ;;
    'score --kernels') _vkvae_words 'auto plain tile subgroup-buffer subgroup-texel' ;;
    'score --limits') _vkvae_words 'minimum' ;;
    'export --format') _vkvae_words 'safetensors onnx npz' ;;
    'export --part') _vkvae_words 'encoder decoder both' ;;
    'export --out' | 'export -o') _vkvae_files ;;
    'import --data') _vkvae_folders 'shapes mnist fashion-mnist' ;;
    'import --out') _vkvae_folders '' ;;
    'import --epochs') _vkvae_nothing ;;
    'import --config') _vkvae_files ;;
    'import --size') _vkvae_nothing ;;
    'import --channels') _vkvae_nothing ;;
    'import --fit') _vkvae_words 'cover contain stretch' ;;
    'import --crop') _vkvae_words 'none center' ;;
    'import --background') _vkvae_nothing ;;
    'import --layout') _vkvae_words 'auto nd nhw nhwc nchw' ;;
    'import --normalize') _vkvae_words 'none minmax standard' ;;
    'import --range') _vkvae_nothing ;;
    'import --tokens') _vkvae_words 'none bag chars words' ;;
    'import --length') _vkvae_nothing ;;
    'import --vocabulary') _vkvae_nothing ;;
    'import --labels') _vkvae_files ;;
    'import --test-data') _vkvae_files ;;
    'import --test-labels') _vkvae_files ;;
    'import --split') _vkvae_nothing ;;
    'import --limit') _vkvae_nothing ;;
    'import --classes') _vkvae_nothing ;;
    'import --threads') _vkvae_nothing ;;
    'import --images') _vkvae_nothing ;;
    'import --test-images') _vkvae_nothing ;;
    'import --data-seed') _vkvae_nothing ;;
    'import --model') _vkvae_words 'mlp conv resnet' ;;
    'import --hidden') _vkvae_nothing ;;
    'import --channels-list') _vkvae_nothing ;;
    'import --upsample') _vkvae_words 'transpose nearest' ;;
    'import --norm') _vkvae_words 'batch group none' ;;
    'import --blocks') _vkvae_nothing ;;
    'import --activation') _vkvae_words 'relu leaky-relu elu tanh sigmoid softplus silu gelu' ;;
    'import --dropout') _vkvae_nothing ;;
    'import --likelihood') _vkvae_words 'bernoulli gaussian laplace logcosh discretized-logistic continuous-bernoulli categorical-256 categorical multinomial ms-ssim' ;;
    'import --sigma') _vkvae_nothing ;;
    'import --objective') _vkvae_words 'vae ae' ;;
    'import --samples') _vkvae_nothing ;;
    'import --binarize') _vkvae_words 'none static dynamic' ;;
    'import --latent') _vkvae_nothing ;;
    'import --batch') _vkvae_nothing ;;
    'import --augment') _vkvae_nothing ;;
    'import --beta') _vkvae_nothing ;;
    'import --kl-warmup') _vkvae_nothing ;;
    'import --kl-cycle') _vkvae_nothing ;;
    'import --free-bits') _vkvae_nothing ;;
    'import --capacity') _vkvae_nothing ;;
    'import --capacity-steps') _vkvae_nothing ;;
    'import --capacity-gamma') _vkvae_nothing ;;
    'import --lr') _vkvae_nothing ;;
    'import --optimiser') _vkvae_words 'adam adamw sgd adagrad' ;;
    'import --momentum') _vkvae_nothing ;;
    'import --weight-decay') _vkvae_nothing ;;
    'import --lr-schedule') _vkvae_words 'constant cosine step exponential' ;;
    'import --lr-warmup') _vkvae_nothing ;;
    'import --lr-step') _vkvae_nothing ;;
    'import --lr-gamma') _vkvae_nothing ;;
    'import --lr-floor') _vkvae_nothing ;;
    'import --schedule-epochs') _vkvae_nothing ;;
    'import --clip') _vkvae_nothing ;;
    'import --ema') _vkvae_nothing ;;
    'import --accumulate') _vkvae_nothing ;;
    'import --patience') _vkvae_nothing ;;
    'import --on-nan') _vkvae_words 'stop rollback' ;;
    'import --seed') _vkvae_nothing ;;
    'import --precision') _vkvae_words 'fp32 fp16-storage' ;;
    'import --device') _vkvae_nothing ;;
    'import --kernels') _vkvae_words 'auto plain tile subgroup-buffer subgroup-texel' ;;
    'import --limits') _vkvae_words 'minimum' ;;
    'compare --out' | 'compare -o') _vkvae_files ;;
    'report --out' | 'report -o') _vkvae_files ;;
    'report --epochs') _vkvae_nothing ;;
    'data shapes --out' | 'data shapes -o') _vkvae_folders '' ;;
    'data shapes --images' | 'data shapes -n') _vkvae_nothing ;;
    'data shapes --test-images') _vkvae_nothing ;;
    'data shapes --data-seed') _vkvae_nothing ;;
    'data shapes --size') _vkvae_nothing ;;
    'data shapes --channels') _vkvae_nothing ;;
    'data info --out' | 'data info -o') _vkvae_files ;;
    'data info --count' | 'data info -n') _vkvae_nothing ;;
    'data info --size') _vkvae_nothing ;;
    'data info --channels') _vkvae_nothing ;;
    'data info --fit') _vkvae_words 'cover contain stretch' ;;
    'data info --crop') _vkvae_words 'none center' ;;
    'data info --background') _vkvae_nothing ;;
    'data info --layout') _vkvae_words 'auto nd nhw nhwc nchw' ;;
    'data info --normalize') _vkvae_words 'none minmax standard' ;;
    'data info --range') _vkvae_nothing ;;
    'data info --tokens') _vkvae_words 'none bag chars words' ;;
    'data info --length') _vkvae_nothing ;;
    'data info --vocabulary') _vkvae_nothing ;;
    'data info --labels') _vkvae_files ;;
    'data info --test-data') _vkvae_files ;;
    'data info --test-labels') _vkvae_files ;;
    'data info --split') _vkvae_nothing ;;
    'data info --limit') _vkvae_nothing ;;
    'data info --classes') _vkvae_nothing ;;
    'data info --threads') _vkvae_nothing ;;
    'data info --images') _vkvae_nothing ;;
    'data info --test-images') _vkvae_nothing ;;
    'data info --data-seed') _vkvae_nothing ;;
    'devices --device') _vkvae_nothing ;;
    'autotune --data') _vkvae_folders 'shapes mnist fashion-mnist' ;;
    'autotune --size') _vkvae_nothing ;;
    'autotune --channels') _vkvae_nothing ;;
    'autotune --fit') _vkvae_words 'cover contain stretch' ;;
    'autotune --crop') _vkvae_words 'none center' ;;
    'autotune --background') _vkvae_nothing ;;
    'autotune --layout') _vkvae_words 'auto nd nhw nhwc nchw' ;;
    'autotune --normalize') _vkvae_words 'none minmax standard' ;;
    'autotune --range') _vkvae_nothing ;;
    'autotune --tokens') _vkvae_words 'none bag chars words' ;;
    'autotune --length') _vkvae_nothing ;;
    'autotune --vocabulary') _vkvae_nothing ;;
    'autotune --labels') _vkvae_files ;;
    'autotune --test-data') _vkvae_files ;;
    'autotune --test-labels') _vkvae_files ;;
    'autotune --split') _vkvae_nothing ;;
    'autotune --limit') _vkvae_nothing ;;
    'autotune --classes') _vkvae_nothing ;;
    'autotune --threads') _vkvae_nothing ;;
    'autotune --data-memory') _vkvae_nothing ;;
    'autotune --images') _vkvae_nothing ;;
    'autotune --test-images') _vkvae_nothing ;;
    'autotune --data-seed') _vkvae_nothing ;;
    'autotune --model') _vkvae_words 'mlp conv resnet' ;;
    'autotune --hidden') _vkvae_nothing ;;
    'autotune --channels-list') _vkvae_nothing ;;
    'autotune --upsample') _vkvae_words 'transpose nearest' ;;
    'autotune --norm') _vkvae_words 'batch group none' ;;
    'autotune --blocks') _vkvae_nothing ;;
    'autotune --activation') _vkvae_words 'relu leaky-relu elu tanh sigmoid softplus silu gelu' ;;
    'autotune --dropout') _vkvae_nothing ;;
    'autotune --likelihood') _vkvae_words 'bernoulli gaussian laplace logcosh discretized-logistic continuous-bernoulli categorical-256 categorical multinomial ms-ssim' ;;
    'autotune --sigma') _vkvae_nothing ;;
    'autotune --objective') _vkvae_words 'vae ae' ;;
    'autotune --samples') _vkvae_nothing ;;
    'autotune --binarize') _vkvae_words 'none static dynamic' ;;
    'autotune --latent') _vkvae_nothing ;;
    'autotune --batch') _vkvae_nothing ;;
    'autotune --augment') _vkvae_nothing ;;
    'autotune --device') _vkvae_nothing ;;
    'autotune --limits') _vkvae_words 'minimum' ;;
    'help --format') _vkvae_words 'text man markdown bash zsh fish' ;;
    'help data') _vkvae_words 'shapes info' ;;
    *)
        case "$command $cur" in
    'train '*) _vkvae_words '--data --out --force --resume --epochs --config --size --channels --fit --crop --background --strict --layout --normalize --range --tokens --length --vocabulary --labels --test-data --test-labels --split --limit --classes --threads --data-memory --images --test-images --data-seed --model --hidden --channels-list --upsample --norm --blocks --activation --dropout --likelihood --sigma --objective --samples --binarize --latent --batch --augment --beta --kl-warmup --kl-cycle --free-bits --capacity --capacity-steps --capacity-gamma --lr --optimiser --momentum --weight-decay --lr-schedule --lr-warmup --lr-step --lr-gamma --lr-floor --schedule-epochs --clip --ema --accumulate --patience --keep-best --on-nan --seed --precision --device --kernels --limits --validate --autotune --json --quiet --print-tape --profile --report --tensorboard --help' ;;
    'sample '[!-]*) _vkvae_files ;;
    'sample ') _vkvae_files ;;
    'sample '*) _vkvae_words '--count --seed --temperature --from --out --draw --each --columns --scale --stats --config --json --quiet --device --kernels --limits --validate --help' ;;
    'encode '[!-]*) _vkvae_files ;;
    'encode ') _vkvae_files ;;
    'encode '*) _vkvae_words '--out --sample --seed --data --part --size --channels --fit --crop --background --strict --layout --normalize --range --tokens --length --vocabulary --labels --test-data --test-labels --split --limit --classes --threads --images --test-images --data-seed --json --quiet --device --kernels --limits --validate --help' ;;
    'evaluate '[!-]*) _vkvae_files ;;
    'evaluate ') _vkvae_files ;;
    'evaluate '*) _vkvae_words '--mean --export-noise --nll --nll-images --nll-samples --frechet --frechet-features --disentanglement --votes --seed --data --part --size --channels --fit --crop --background --strict --layout --normalize --range --tokens --length --vocabulary --labels --test-data --test-labels --split --limit --classes --threads --images --test-images --data-seed --json --quiet --device --kernels --limits --validate --help' ;;
    'project '[!-]*) _vkvae_files ;;
    'project ') _vkvae_files ;;
    'project '*) _vkvae_words '--out --csv --data --part --size --channels --fit --crop --background --strict --layout --normalize --range --tokens --length --vocabulary --labels --test-data --test-labels --split --limit --classes --threads --images --test-images --data-seed --json --quiet --device --kernels --limits --validate --help' ;;
    'score '[!-]*) _vkvae_files ;;
    'score ') _vkvae_files ;;
    'score '*) _vkvae_words '--by --draws --seed --quantile --threshold-images --threshold --normal-class --out --heat --worst --roc --data --part --size --channels --fit --crop --background --strict --layout --normalize --range --tokens --length --vocabulary --labels --test-data --test-labels --split --limit --classes --threads --images --test-images --data-seed --json --quiet --device --kernels --limits --validate --help' ;;
    'export '[!-]*) _vkvae_files ;;
    'export ') _vkvae_files ;;
    'export '*) _vkvae_words '--format --part --out --json --quiet --help' ;;
    'import '[!-]*) _vkvae_files ;;
    'import ') _vkvae_files ;;
    'import '*) _vkvae_words '--data --out --force --epochs --config --size --channels --fit --crop --background --strict --layout --normalize --range --tokens --length --vocabulary --labels --test-data --test-labels --split --limit --classes --threads --images --test-images --data-seed --model --hidden --channels-list --upsample --norm --blocks --activation --dropout --likelihood --sigma --objective --samples --binarize --latent --batch --augment --beta --kl-warmup --kl-cycle --free-bits --capacity --capacity-steps --capacity-gamma --lr --optimiser --momentum --weight-decay --lr-schedule --lr-warmup --lr-step --lr-gamma --lr-floor --schedule-epochs --clip --ema --accumulate --patience --keep-best --on-nan --seed --precision --device --kernels --limits --validate --json --quiet --help' ;;
    'runs '[!-]*) _vkvae_folders '' ;;
    'runs ') _vkvae_folders '' ;;
    'runs '*) _vkvae_words '--json --quiet --help' ;;
    'info '[!-]*) _vkvae_files ;;
    'info ') _vkvae_files ;;
    'info '*) _vkvae_words '--json --quiet --help' ;;
    'compare '[!-]*) _vkvae_files ;;
    'compare ') _vkvae_files ;;
    'compare '*) _vkvae_words '--out --json --quiet --help' ;;
    'report '[!-]*) _vkvae_files ;;
    'report ') _vkvae_files ;;
    'report '*) _vkvae_words '--out --epochs --json --quiet --help' ;;
    'data shapes '*) _vkvae_words '--out --force --images --test-images --data-seed --size --channels --json --quiet --help' ;;
    'data info '[!-]*) _vkvae_folders 'shapes mnist fashion-mnist' ;;
    'data info ') _vkvae_folders 'shapes mnist fashion-mnist' ;;
    'data info '*) _vkvae_words '--out --count --size --channels --fit --crop --background --strict --layout --normalize --range --tokens --length --vocabulary --labels --test-data --test-labels --split --limit --classes --threads --images --test-images --data-seed --json --quiet --help' ;;
    'devices '*) _vkvae_words '--device --json --quiet --help' ;;
    'autotune '*) _vkvae_words '--data --force --size --channels --fit --crop --background --strict --layout --normalize --range --tokens --length --vocabulary --labels --test-data --test-labels --split --limit --classes --threads --data-memory --images --test-images --data-seed --model --hidden --channels-list --upsample --norm --blocks --activation --dropout --likelihood --sigma --objective --samples --binarize --latent --batch --augment --device --limits --validate --json --quiet --help' ;;
    'help '[!-]*) _vkvae_words 'train sample encode evaluate project score export import runs info compare report data devices autotune help ' ;;
    'help ') _vkvae_words 'train sample encode evaluate project score export import runs info compare report data devices autotune help ' ;;
    'help '*) _vkvae_words '--format --help' ;;
    *) _vkvae_nothing ;;
        esac
        ;;
    esac
}

complete -o default -F _vkvae vkvae
