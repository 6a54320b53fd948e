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
        _vkvae_words 'train sample runs info data devices autotune help --help --version'
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
    'train --images') _vkvae_nothing ;;
    'train --test-images') _vkvae_nothing ;;
    'train --size') _vkvae_nothing ;;
    'train --channels') _vkvae_nothing ;;
    'train --data-seed') _vkvae_nothing ;;
    'train --model') _vkvae_words 'mlp' ;;
    'train --hidden') _vkvae_nothing ;;
    'train --activation') _vkvae_words 'relu leaky-relu elu tanh sigmoid softplus silu gelu' ;;
    'train --latent') _vkvae_nothing ;;
    'train --batch') _vkvae_nothing ;;
    'train --lr') _vkvae_nothing ;;
    'train --seed') _vkvae_nothing ;;
    'train --device') _vkvae_nothing ;;
    'train --kernels') _vkvae_words 'auto plain tile subgroup-buffer subgroup-texel' ;;
    'train --limits') _vkvae_words 'minimum' ;;
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
    'data shapes --out' | 'data shapes -o') _vkvae_folders '' ;;
    'data shapes --images' | 'data shapes -n') _vkvae_nothing ;;
    'data shapes --test-images') _vkvae_nothing ;;
    'data shapes --size') _vkvae_nothing ;;
    'data shapes --channels') _vkvae_nothing ;;
    'data shapes --data-seed') _vkvae_nothing ;;
    'data info --out' | 'data info -o') _vkvae_files ;;
    'data info --count' | 'data info -n') _vkvae_nothing ;;
    'data info --images') _vkvae_nothing ;;
    'data info --test-images') _vkvae_nothing ;;
    'data info --size') _vkvae_nothing ;;
    'data info --channels') _vkvae_nothing ;;
    'data info --data-seed') _vkvae_nothing ;;
    'devices --device') _vkvae_nothing ;;
    'autotune --data') _vkvae_folders 'shapes mnist fashion-mnist' ;;
    'autotune --images') _vkvae_nothing ;;
    'autotune --test-images') _vkvae_nothing ;;
    'autotune --size') _vkvae_nothing ;;
    'autotune --channels') _vkvae_nothing ;;
    'autotune --data-seed') _vkvae_nothing ;;
    'autotune --model') _vkvae_words 'mlp' ;;
    'autotune --hidden') _vkvae_nothing ;;
    'autotune --activation') _vkvae_words 'relu leaky-relu elu tanh sigmoid softplus silu gelu' ;;
    'autotune --latent') _vkvae_nothing ;;
    'autotune --batch') _vkvae_nothing ;;
    'autotune --device') _vkvae_nothing ;;
    'autotune --limits') _vkvae_words 'minimum' ;;
    'help --format') _vkvae_words 'text man markdown bash zsh fish' ;;
    'help data') _vkvae_words 'shapes info' ;;
    *)
        case "$command $cur" in
    'train '*) _vkvae_words '--data --out --force --resume --epochs --config --images --test-images --size --channels --data-seed --model --hidden --activation --latent --batch --lr --seed --device --kernels --limits --validate --autotune --json --quiet --print-tape --profile --help' ;;
    'sample '[!-]*) _vkvae_files ;;
    'sample ') _vkvae_files ;;
    'sample '*) _vkvae_words '--count --seed --temperature --from --out --each --columns --scale --stats --config --json --quiet --device --kernels --limits --validate --help' ;;
    'runs '[!-]*) _vkvae_folders '' ;;
    'runs ') _vkvae_folders '' ;;
    'runs '*) _vkvae_words '--json --quiet --help' ;;
    'info '[!-]*) _vkvae_files ;;
    'info ') _vkvae_files ;;
    'info '*) _vkvae_words '--json --quiet --help' ;;
    'data shapes '*) _vkvae_words '--out --force --images --test-images --size --channels --data-seed --json --quiet --help' ;;
    'data info '[!-]*) _vkvae_folders 'shapes mnist fashion-mnist' ;;
    'data info ') _vkvae_folders 'shapes mnist fashion-mnist' ;;
    'data info '*) _vkvae_words '--out --count --images --test-images --size --channels --data-seed --json --quiet --help' ;;
    'devices '*) _vkvae_words '--device --json --quiet --help' ;;
    'autotune '*) _vkvae_words '--data --force --images --test-images --size --channels --data-seed --model --hidden --activation --latent --batch --device --limits --validate --json --quiet --help' ;;
    'help '[!-]*) _vkvae_words 'train sample runs info data devices autotune help ' ;;
    'help ') _vkvae_words 'train sample runs info data devices autotune help ' ;;
    'help '*) _vkvae_words '--format --help' ;;
    *) _vkvae_nothing ;;
        esac
        ;;
    esac
}

complete -o default -F _vkvae vkvae
