import type { Messages } from '../en/index.ts';

export const errors: Messages['errors'] = {
  problems: {
    'invalid-input': 'La requête contient des valeurs non valides',
    unauthenticated: 'Il faut un jeton valide',
    forbidden: 'Ce jeton n’a pas le droit de faire cela',
    'not-found': 'Introuvable',
    'method-not-allowed': 'Cette adresse ne connaît pas la méthode',
    conflict: 'La requête contredit ce qui existe',
    gone: 'Cela n’existe plus',
    'too-large': 'La requête est trop grande',
    'unsupported-media-type': 'Ce type de contenu n’est pas accepté ici',
    'too-many-requests': 'Trop de requêtes',
    internal: 'Rowhook a échoué',
    unavailable: 'Rowhook ne peut pas traiter cela pour le moment',
    'storage-full': 'Le disque est plein',
  },
  attempts: {
    MAIL_NOT_CONFIGURED:
      'Le serveur n’a pas de serveur de messagerie : les webhooks ne peuvent pas avoir d’adresses e-mail.',
    MAIL_REFUSED: 'Le serveur de messagerie n’accepte pas le message.',
    MAIL_DEFERRED: 'Le serveur de messagerie n’accepte pas le message pour l’instant.',
    MAIL_SERVER_FAILED:
      'Le serveur de messagerie est injoignable, a refusé la connexion ou s’est interrompu.',
    HTTP_STATUS: 'Le destinataire a répondu, mais par un statut qui ne compte pas comme un succès.',
    TEMPLATE_FAILED: 'Le gabarit du webhook a échoué pour ces événements.',
    PAYLOAD_TOO_LARGE: 'Le corps dépasse ce que le serveur permet.',
    URL_INVALID: 'L’adresse du webhook n’est pas une URL absolue valide.',
    URL_SCHEME: 'L’adresse du webhook ne commence ni par http ni par https.',
    EGRESS_DOMAIN_DENIED: 'L’hôte ne fait pas partie des domaines que les webhooks peuvent atteindre.',
    EGRESS_PORT_DENIED: 'Le port ne fait pas partie de ceux que les webhooks peuvent atteindre.',
    EGRESS_ADDRESS_DENIED: 'L’hôte n’est pas une adresse publique, ou n’y mène pas.',
    REQUEST_INVALID: 'La requête ne peut pas partir ainsi : un en-tête est interdit ou non valide.',
    DNS_NOT_FOUND: 'Le nom d’hôte n’existe pas ou n’a pas d’adresse.',
    DNS_FAILED: 'Le serveur DNS a répondu par un échec.',
    DNS_TIMEOUT: 'Le nom d’hôte n’a pas été résolu à temps.',
    CONNECTION_REFUSED: 'Rien n’accepte de connexion sur ce port de l’hôte.',
    CONNECTION_RESET: 'La connexion a été rompue avant la réponse.',
    CONNECTION_CLOSED: 'Le destinataire a fermé la connexion sans répondre.',
    CONNECT_TIMEOUT: 'La connexion à l’hôte n’a pas été établie à temps.',
    NETWORK_UNREACHABLE: 'Aucun chemin ne mène du serveur à l’hôte.',
    TLS_FAILED: 'Aucune connexion sûre n’a pu être établie.',
    TIMEOUT: 'La requête est partie, mais sa réponse ne s’est pas achevée à temps.',
    RESPONSE_INVALID: 'La réponse n’est pas du HTTP/1.1 valide.',
    RESPONSE_HEADERS_TOO_LARGE: 'Les en-têtes de la réponse dépassent 16 Kio.',
    RESPONSE_ABORTED: 'La réponse a commencé, mais son corps s’est interrompu avant la fin.',
    PROXY_FAILED: 'Le proxy des webhooks n’a pas ouvert de connexion vers l’hôte.',
    ABORTED: 'La requête a été abandonnée de ce côté-ci.',
    TOO_MANY_CONNECTIONS: 'Aucune connexion ne s’est libérée à temps ; la requête n’est pas partie.',
    LOCAL_LIMIT:
      'La machine du serveur manque de sockets, de fichiers ouverts ou de mémoire ; la requête n’est pas partie.',
    UNEXPECTED: 'La requête a échoué d’une façon qui n’a pas de code.',
  },
  cures: {
    MAIL_NOT_CONFIGURED: 'L’opérateur configure un serveur de messagerie.',
    MAIL_REFUSED:
      'Corrigez les adresses du webhook ; la tentative montre ce que dit le serveur de messagerie.',
    MAIL_DEFERRED: 'Rien à faire : il repart quand le calendrier le dit.',
    MAIL_SERVER_FAILED: 'L’opérateur vérifie le serveur de messagerie.',
    HTTP_STATUS:
      'Regardez ce que le destinataire a répondu. Les redirections comptent aussi comme des échecs : utilisez l’adresse finale.',
    TEMPLATE_FAILED: 'Corrigez le gabarit, puis rattrapez les livraisons échouées.',
    PAYLOAD_TOO_LARGE: 'Envoyez moins : des lots plus petits, ou un gabarit sans le superflu.',
    URL_INVALID:
      'Écrivez-la https://hôte/chemin, sans nom d’utilisateur, mot de passe, espace ni barre oblique inverse.',
    URL_SCHEME: 'Utilisez https:// (ou http:// là où le chiffrement n’est pas nécessaire).',
    EGRESS_DOMAIN_DENIED: 'Demandez à l’opérateur d’autoriser l’hôte.',
    EGRESS_PORT_DENIED: 'Utilisez un port autorisé, ou demandez à l’opérateur d’autoriser celui-ci.',
    EGRESS_ADDRESS_DENIED: 'Utilisez un hôte public, ou demandez à l’opérateur d’autoriser son réseau.',
    REQUEST_INVALID:
      'Corrigez les en-têtes du webhook : pas de saut de ligne, aucun de ceux qui délimitent la requête.',
    DNS_NOT_FOUND: 'Corrigez le nom d’hôte dans l’adresse, ou ses enregistrements DNS.',
    DNS_FAILED: 'Vérifiez les enregistrements DNS de l’hôte, puis le serveur DNS de la machine du serveur.',
    DNS_TIMEOUT: 'Vérifiez les serveurs DNS de l’hôte, puis celui de la machine du serveur.',
    CONNECTION_REFUSED: 'Démarrez le destinataire, ou corrigez le port dans l’adresse.',
    CONNECTION_RESET:
      'Consultez les journaux du destinataire et des proxys devant lui. La requête est peut-être arrivée.',
    CONNECTION_CLOSED:
      'Laissez le destinataire garder les connexions inactives plus de 5 secondes. La requête est peut-être arrivée.',
    CONNECT_TIMEOUT: 'Vérifiez que l’hôte fonctionne et qu’aucun pare-feu n’avale les connexions.',
    NETWORK_UNREACHABLE:
      'Vérifiez les routes et le pare-feu de la machine du serveur, et si l’hôte fonctionne.',
    TLS_FAILED:
      'Renouvelez ou corrigez le certificat du destinataire, avec toute sa chaîne ; il faut TLS 1.2 ou plus récent.',
    TIMEOUT:
      'Laissez le destinataire répondre d’abord et travailler ensuite, ou augmentez le délai. La requête est peut-être arrivée.',
    RESPONSE_INVALID: 'Vérifiez que l’adresse mène à un serveur HTTP.',
    RESPONSE_HEADERS_TOO_LARGE:
      'Laissez le destinataire envoyer moins d’en-têtes, ou de plus petits (souvent les cookies).',
    RESPONSE_ABORTED:
      'Consultez les journaux du destinataire et des proxys devant lui. La requête est arrivée.',
    PROXY_FAILED: 'L’opérateur trouve la raison dans le journal du proxy.',
    ABORTED: 'Rien à faire : elle repart quand le calendrier le dit.',
    TOO_MANY_CONNECTIONS:
      'Laissez le destinataire répondre plus vite, ou augmentez les limites de connexions.',
    LOCAL_LIMIT: 'L’opérateur augmente la limite de fichiers ouverts ou de ports locaux.',
    UNEXPECTED: 'Signalez-le, avec le journal du serveur.',
  },
};
